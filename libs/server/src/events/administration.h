/* administration.h - requests that change something: reload, send a client away (spec 04 section
 * 7.4). [control]
 */
#pragma once

struct nserver;

// What waits for the program to reload gets no answer: the server stops.
void nserver__reloads_drop(struct nserver *server);
