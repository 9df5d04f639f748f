#include "clients/login.h"

enum nserver__verdict nserver__login_weigh_jwt(struct nserver__login *login)
{
    (void)login;
    return VERDICT_REFUSED;
}
