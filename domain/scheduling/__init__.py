"""Who works when and where: units, people, shifts, and the agendas that keep one in one place."""
