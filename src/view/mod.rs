//! Plain structs that the pages print: rows, steps, badges, sentences. No markup.
