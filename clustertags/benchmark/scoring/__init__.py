"""How right answers are: figures with intervals, from predictions beside what is right."""
