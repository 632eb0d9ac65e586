//! Every recorded output of `text`, `table` and `yaml` drawn again from its JSON twin.

use super::*;

const SESSIONS: [&str; 9] = [
    include_str!("../../../tests/vectors/cli/aws/aws-associate-scopes.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-auth-mode.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-clusters.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-create-access-entry-forms.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-describe-outputs.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-identity.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-list-access-entries.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-tags.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-yaml-quoting.json"),
];
