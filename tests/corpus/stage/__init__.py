"""What plays the scenes of the corpus: scripts, the things they are about, servers, and the actors on them."""
