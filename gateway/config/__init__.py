"""City files: what they may say, how they are read and checked."""
