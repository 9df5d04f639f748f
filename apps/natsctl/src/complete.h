/* complete.h - what a shell may offer at a place of the command line (spec 12 section 38.4). */
#pragma once

// `words` is the line, words[0] the program; the one at `index` is to be completed. Lines
// "value TAB description" on standard output. Never asks a server, never complains.
void complete_print(unsigned index, int word_count, char *const *words);
