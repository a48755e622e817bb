"""Opening units, naming roles, adding people, drafting and publishing shifts, and staffing them."""
