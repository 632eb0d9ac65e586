//! SelfSubjectRulesReview: listing what an identity may do (rbac 9).
