"""Asks every operation of every contract, for each role, what nobody thought of.

Answers are held to the contract's document and to who may do what.
"""
