"""`python -m middlemost` is the command `middlemost`."""

from middlemost.cli import main

main()
