#include "auth/commands.h"
#include "auth/session.h"

/* How the commands of `natsctl auth` hang together. */

#define GROUP(id, word, other, what, ...)                                     \
    static const struct command *const id##_children[] = {__VA_ARGS__, NULL}; \
    static const struct command id = {                                        \
        .name = word, .alias = other, .purpose = what, .arguments = "", .children = id##_children}

GROUP(nkey, "nkey", "nk", "Makes and uses single keys.", &command_auth_nkey_gen,
      &command_auth_nkey_show, &command_auth_nkey_sign, &command_auth_nkey_verify,
      &command_auth_nkey_seal, &command_auth_nkey_unseal);
GROUP(jwt, "jwt", NULL, "Looks at JWTs.", &command_auth_jwt_show);

GROUP(op_keys, "keys", "sk", "Signing keys of an operator.", &command_auth_operator_keys_ls,
      &command_auth_operator_keys_add, &command_auth_operator_keys_rm);
GROUP(op, "operator", "op", "Operators, whom servers trust.", &command_auth_operator_add,
      &command_auth_operator_edit, &command_auth_operator_ls, &command_auth_operator_info,
      &command_auth_operator_select, &command_auth_operator_import, &command_auth_operator_backup,
      &command_auth_operator_restore, &op_keys, &command_auth_operator_config);

GROUP(account_keys, "keys", "sk", "Signing keys of an account, plain or with a role.",
      &command_auth_account_keys_add, &command_auth_account_keys_edit,
      &command_auth_account_keys_ls, &command_auth_account_keys_info,
      &command_auth_account_keys_rm);
GROUP(exports, "exports", "exp", "What an account offers to others.",
      &command_auth_account_exports_add, &command_auth_account_exports_edit,
      &command_auth_account_exports_ls, &command_auth_account_exports_info,
      &command_auth_account_exports_rm);
GROUP(imports, "imports", "imp", "What an account takes from others.",
      &command_auth_account_imports_add, &command_auth_account_imports_edit,
      &command_auth_account_imports_info, &command_auth_account_imports_ls,
      &command_auth_account_imports_rm);
GROUP(mappings, "mappings", "mapping", "Subjects that an account turns into others.",
      &command_auth_account_mappings_add, &command_auth_account_mappings_ls,
      &command_auth_account_mappings_rm);
GROUP(revoke, "revoke", NULL, "Makes what was signed not count any more.",
      &command_auth_account_revoke_user, &command_auth_account_revoke_activation);
GROUP(unrevoke, "unrevoke", NULL, "Takes revocations back.", &command_auth_account_unrevoke_user,
      &command_auth_account_unrevoke_activation);
// push and pull (query) are here, too, where the nats tool has them.
GROUP(account, "account", "acct", "Accounts, which the operator signs.", &command_auth_account_add,
      &command_auth_account_edit, &command_auth_account_ls, &command_auth_account_info,
      &command_auth_account_rm, &account_keys, &exports, &imports, &command_auth_account_activation,
      &mappings, &revoke, &unrevoke, &command_auth_account_revocations, &command_auth_push,
      &command_auth_pull);

GROUP(user, "user", "u", "Users, whom accounts sign.", &command_auth_user_add,
      &command_auth_user_edit, &command_auth_user_ls, &command_auth_user_info,
      &command_auth_user_rm, &command_auth_user_credential);
GROUP(resolver, "resolver", NULL, "What servers keep.", &command_auth_resolver_ls,
      &command_auth_resolver_diff, &command_auth_resolver_prune, &command_auth_resolver_rm);

static const struct command *const children[] = {&op,
                                                 &account,
                                                 &user,
                                                 &command_auth_push,
                                                 &command_auth_pull,
                                                 &resolver,
                                                 &command_auth_expirations,
                                                 &command_auth_inspect,
                                                 &jwt,
                                                 &nkey,
                                                 NULL};

static const struct command_example examples[] = {
    {"auth operator add ACME", "1. An operator, whom servers will trust."},
    {"auth account add ORDERS", "2. An account of it."},
    {"auth user add ann ORDERS --credential ann.creds", "3. A user of that, and her creds."},
    {"auth operator config --output operator.conf", "4. What servers have to know."},
    {"auth push --all --temp-user", "5. When they run: their accounts."},
};

const struct command command_auth = {
    .name = "auth",
    .purpose = "Makes and keeps operators, accounts, users and their keys (operator mode).",
    .arguments = "",
    .details = "Servers trust an operator, an operator signs accounts, an account signs users;\n"
               "a user has a creds file: a JWT and the seed that proves that it is his. JWTs and\n"
               "seeds are kept where nsc and the nats tool keep them, so that all can be used in\n"
               "turn. Seeds are files that only their owner can read; they are printed by\n"
               "'natsctl auth nkey gen' alone.",
    .options = auth_options,
    .option_count = AUTH_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .children = children,
};
