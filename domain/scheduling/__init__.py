"""Who works when and where: units, roles, people, shifts, and the agendas that keep one in one
place.
"""
