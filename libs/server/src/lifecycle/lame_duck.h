/* lame_duck.h - sending the clients away before the end (spec 01 section 19.1). [control] */
#pragma once

struct nserver;

void nserver__lame_duck_end(struct nserver *server); // the server stops; fine when it never began
void nserver__lame_duck_fini(struct nserver *server);
