"""Opening units, adding people, drafting and publishing shifts, and staffing them."""
