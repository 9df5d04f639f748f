/* help.h - what natsd says of itself on standard output. */
#pragma once

void help_print(void);
void help_print_tls(void);
