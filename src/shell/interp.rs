//! Runs parsed scripts: variables, substitution, pipes, redirection, loops, exit codes.
