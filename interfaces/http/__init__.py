"""The HTTP side: one app, one router and one dialect per published contract."""
