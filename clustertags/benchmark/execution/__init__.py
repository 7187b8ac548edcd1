"""Methods at work: the split they share, the processes they run in, the cells they leave."""
