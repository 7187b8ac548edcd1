"""What the cells of all methods say beside one another: the table, who is first, and all that is told of it."""
