"""What people say: seed tags, keywords, vocabulary rules, spellings, promotional tags."""
