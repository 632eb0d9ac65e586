//! Reading rules of go-yaml v2 as kubectl and the authenticator use them.
