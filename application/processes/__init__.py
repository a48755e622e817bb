"""Where two contexts meet: what happens in one becomes something to do in another."""
