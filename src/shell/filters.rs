//! The small text tools: grep, head, tail, wc, sort, awk, cut, tr, sed, jq.
