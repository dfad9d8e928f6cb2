"""What the methods share: the fixed-point loop, the bootstrap, intervals for shares."""
