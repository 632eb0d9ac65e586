//! Go's %q quoting and the way Go prints slices, as both appear in Kubernetes messages.
