"""The practice commons: an embedded Gen3 commons on loopback, with the rules of the checker and a store under them.

It answers as Sheepdog, Peregrine, Fence and indexd do, so that every command can be tried without harm.
"""
