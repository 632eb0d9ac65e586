//! Amazon Resource Names: parsing and printing.
