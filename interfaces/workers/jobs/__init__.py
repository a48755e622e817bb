"""What each job does: it finds candidates in the read models and gives commands about them."""
