"""Peregrine's part: GraphQL over the records and the transaction log, in the words of its own library."""
