//! Each lint, with a section that provokes it and one that does not.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::RULES;
use super::{lint, near};

/// An entry that no lint has anything to say about.
const GOOD: &str = "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n  groups:\n  - devs\n";

fn lints(key: &str, text: &str) -> Vec<String> {
    let found = lint(&BTreeMap::from([(key.to_owned(), text.to_owned())]), "aws");
    let shown = found.iter().map(|lint| {
        let place = &lint.place;
        let line = place.line.map(|line| format!(" line {line}")).unwrap_or_default();
        let entry = place.entry.map(|entry| format!(" entry {entry}")).unwrap_or_default();
        format!("{} {} {}{line}{entry}: {}", lint.severity.as_str(), lint.rule.id, place.key, lint.message)
    });
    shown.collect()
}

/// A lint: the section and text that provoke it, with all that is then found, and a like text that it passes over.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str);

const CASES: &[Case] = &[
    (
        "section-unreadable",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: a: b\n- rolearn: x\n",
        &["error section-unreadable mapRoles line 2: mapRoles cannot be read, all its 2 entries are gone: \
           yaml: line 2: mapping values are not allowed in this context"],
        GOOD,
    ),
    (
        "tab-indent",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n\tusername: dev\n",
        &[
            "error section-unreadable mapRoles line 2: mapRoles cannot be read, its 1 entry is gone: \
             yaml: line 2: found a tab character that violates indentation",
            "error tab-indent mapRoles line 2: line 2 is indented with a tab",
        ],
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: \"a\tb\"\n  groups: [devs]\n",
    ),
    (
        "unquoted-placeholder",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: {{SessionName}}\n  groups: [devs]\n",
        &[
            "error section-unreadable mapRoles line 2: mapRoles cannot be read, its 1 entry is gone: yaml: \
             invalid map key: map[interface {}]interface {}{\"SessionName\":interface {}(nil)}",
            "error unquoted-placeholder mapRoles line 2: line 2: `{{` begins a value without quotes",
        ],
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev:{{SessionName}}\n  groups: [\"{{AccountID}}\"]\n",
    ),
    (
        "section-not-a-list",
        "mapRoles",
        "rolearn: arn:aws:iam::111122223333:role/dev\n",
        &["error section-not-a-list mapRoles line 1: mapRoles is a mapping, not a list"],
        GOOD,
    ),
    (
        "unknown-section",
        "maproles",
        GOOD,
        &["error unknown-section maproles: `maproles` is not read: did you mean `mapRoles`?"],
        "",
    ),
    (
        "role-path",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/team/dev\n  username: dev\n  groups: [devs]\n",
        &["error role-path mapRoles line 1 entry 0: `arn:aws:iam::111122223333:role/team/dev` has a path: \
           write `role/dev`"],
        GOOD,
    ),
    (
        "assumed-role-arn",
        "mapRoles",
        "- rolearn: arn:aws:sts::111122223333:assumed-role/dev/alice\n  username: dev\n  groups: [devs]\n",
        &["error assumed-role-arn mapRoles line 1 entry 0: `arn:aws:sts::111122223333:assumed-role/dev/alice` \
           is the ARN of a session"],
        GOOD,
    ),
    (
        "not-a-principal",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:instance-profile/nodes\n  username: dev\n  groups: [devs]\n\
         - rolearn: arn:aws:ec2:us-east-1:111122223333:instance/i-1\n  username: dev\n  groups: [devs]\n",
        &[
            "error not-a-principal mapRoles line 1 entry 0: `arn:aws:iam::111122223333:instance-profile/nodes` is \
             an instance profile, never a caller",
            "error not-a-principal mapRoles line 4 entry 1: `arn:aws:ec2:us-east-1:111122223333:instance/i-1` is \
             a resource of the service `ec2`, never a caller",
        ],
        GOOD,
    ),
    (
        "bad-arn",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/*\n  username: dev\n  groups: [devs]\n\
         - rolearn: arn:aws:iam::1111:role/dev\n  username: dev\n  groups: [devs]\n\
         - rolearn: dev\n  username: dev\n  groups: [devs]\n",
        &[
            "error bad-arn mapRoles line 1 entry 0: `arn:aws:iam::111122223333:role/*` is nobody's ARN: \
             wildcards have no meaning here",
            "error bad-arn mapRoles line 4 entry 1: `arn:aws:iam::1111:role/dev` is nobody's ARN: \
             the account is not 12 digits",
            "error bad-arn mapRoles line 7 entry 2: `dev` is nobody's ARN: \
             it is not of the form arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE",
        ],
        GOOD,
    ),
    (
        "missing-arn",
        "mapRoles",
        "- role_arn: arn:aws:iam::111122223333:role/dev\n  username: dev\n- username: x\n-\n",
        &[
            "error missing-arn mapRoles line 1 entry 0: entry 1 has no `rolearn`: `role_arn` is not read here",
            "error missing-arn mapRoles line 3 entry 1: entry 2 has no `rolearn`",
            "error missing-arn mapRoles line 4 entry 2: entry 3 is empty",
        ],
        GOOD,
    ),
    (
        "unknown-field",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  user: dev\n  username: dev\n  group: [a]\n  note: x\n  groups: [devs]\n",
        &[
            "warning unknown-field mapRoles line 4 entry 0: `group` is ignored: did you mean `groups`?",
            "warning unknown-field mapRoles line 5 entry 0: `note` is ignored",
            "warning unknown-field mapRoles line 2 entry 0: `user` is ignored: did you mean `username`?",
        ],
        "- ROLEARN: arn:aws:iam::111122223333:role/dev\n  UserName: dev\n  groups: [devs]\n",
    ),
    (
        "wrong-type",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: 7\n  groups: devs\n\
         - rolearn: arn:aws:iam::111122223333:role/ops\n  username: ops\n  groups:\n  - ops\n  - 8\n- text\n",
        &[
            "error wrong-type mapRoles line 3 entry 0: `groups` is a text, not a list",
            "error wrong-type mapRoles line 2 entry 0: `username` is a number, not a text",
            "warning empty-username mapRoles line 2 entry 0: the entry for `arn:aws:iam::111122223333:role/dev` \
             has no user name",
            "error wrong-type mapRoles line 8 entry 1: item 2 of `groups` is a number, not a text",
            "error wrong-type mapRoles line 9 entry 2: entry 3 is a text, not a mapping",
        ],
        GOOD,
    ),
    (
        "duplicate-arn",
        "mapRoles",
        "- {rolearn: 'arn:aws:iam::111122223333:role/Dev', username: dev, groups: [devs]}\n\
         - {rolearn: 'arn:aws:iam::111122223333:role/dev', username: dev, groups: [ops]}\n",
        &["error duplicate-arn mapRoles line 1 entry 0: entries 1 and 2 name `arn:aws:iam::111122223333:role/dev`: \
           entry 2 counts"],
        "- {rolearn: 'arn:aws:iam::111122223333:role/dev', username: dev, groups: [devs]}\n\
         - {rolearn: 'arn:aws:iam::111122223333:role/dev2', username: dev, groups: [ops]}\n",
    ),
    (
        "duplicate-arn",
        "mapUsers",
        "- {userarn: 'arn:aws:iam::111122223333:user/Ann', username: ann, groups: [devs]}\n\
         - {userarn: 'arn:aws:iam::111122223333:user/ann', username: ann, groups: [devs]}\n",
        &["warning duplicate-arn mapUsers line 1 entry 0: entries 1 and 2 name `arn:aws:iam::111122223333:user/ann`: \
           either may count"],
        "- {userarn: 'arn:aws:iam::111122223333:user/ann', username: ann, groups: [devs]}\n",
    ),
    (
        "wrong-section",
        "mapUsers",
        "- {userarn: 'arn:aws:iam::111122223333:role/dev', username: dev, groups: [devs]}\n",
        &[
            "info wrong-section mapUsers line 1 entry 0: the role `arn:aws:iam::111122223333:role/dev` stands in mapUsers",
        ],
        "- {userarn: 'arn:aws:iam::111122223333:user/dev', username: dev, groups: [devs]}\n",
    ),
    (
        "empty-username",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  groups: [devs]\n",
        &["warning empty-username mapRoles line 1 entry 0: the entry for `arn:aws:iam::111122223333:role/dev` \
           has no user name"],
        GOOD,
    ),
    (
        "odd-group",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n  groups:\n  - a, b\n  - ~\n",
        &[
            "warning odd-group mapRoles line 4 entry 0: odd group `a, b`",
            "warning odd-group mapRoles line 5 entry 0: a group is empty",
        ],
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n  groups:\n  - a:b/c\n",
    ),
    (
        "unknown-placeholder",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev:{{ SessionName }}\n  groups: ['{{Team}}']\n",
        &[
            "warning unknown-placeholder mapRoles line 2 entry 0: `{{ SessionName }}` in `dev:{{ SessionName }}` \
             is not filled in",
            "warning unknown-placeholder mapRoles line 3 entry 0: `{{Team}}` in `{{Team}}` is not filled in",
        ],
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev:{{SessionNameRaw}}-{{AccessKeyID}}\n  groups: [devs]\n",
    ),
    (
        "session-name-for-user",
        "mapUsers",
        "- userarn: arn:aws:iam::111122223333:user/ann\n  username: dev:{{SessionName}}\n  groups: [devs]\n",
        &["warning session-name-for-user mapUsers line 2 entry 0: `{{SessionName}}` in `dev:{{SessionName}}`: \
           `arn:aws:iam::111122223333:user/ann` has no session"],
        "- userarn: arn:aws:iam::111122223333:user/ann\n  username: dev:{{AccountID}}\n  groups: [devs]\n",
    ),
    (
        "bare-session-name",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: '{{SessionName}}'\n  groups: [devs]\n",
        &["warning bare-session-name mapRoles line 2 entry 0: the user name is only `{{SessionName}}`"],
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: 'dev:{{SessionName}}'\n  groups: [devs]\n",
    ),
    (
        "masters",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n  groups:\n  - devs\n  - system:masters\n",
        &["warning masters mapRoles line 5 entry 0: `arn:aws:iam::111122223333:role/dev` is in system:masters"],
        GOOD,
    ),
    (
        "account-rule",
        "mapAccounts",
        "- \"111122223333\"\n",
        &[
            "warning account-rule mapAccounts line 1: everybody of the accounts 111122223333 can log in",
            "info not-migratable mapAccounts line 1: mapAccounts cannot become access entries",
        ],
        "[]\n",
    ),
    (
        "account-id-form",
        "mapAccounts",
        "- 012345678901\n- 1234\n",
        &[
            "warning account-rule mapAccounts line 1: everybody of the accounts 012345678901, 1234 can log in",
            "info not-migratable mapAccounts line 1: mapAccounts cannot become access entries",
            "info account-id-form mapAccounts line 1 entry 0: `012345678901` works, but tools that read it as a number \
             drop the zero",
            "error account-id-form mapAccounts line 2 entry 1: `1234` is not an account id of 12 digits",
        ],
        "- \"012345678901\"\n- 111122223333\n",
    ),
    (
        "sso-role-name",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/AWSReservedSSO_Dev_0123456789abcdef\n  username: dev\n  groups: [devs]\n",
        &["warning sso-role-name mapRoles line 1 entry 0: `AWSReservedSSO_Dev_0123456789abcdef` is made by \
           IAM Identity Center"],
        GOOD,
    ),
    (
        "sso-field",
        "mapRoles",
        "- sso:\n    permissionSetName: Dev\n    accountID: \"111122223333\"\n  username: dev\n  groups: [devs]\n\
         - sso:\n    permissionSetName: Dev\n    accountID: \"1\"\n  username: dev\n  groups: [devs]\n",
        &[
            "warning sso-field mapRoles line 1 entry 0: `sso` for the permission set `Dev` matches nobody by default",
            "error sso-field mapRoles line 6 entry 1: the entry is dropped: AccountID '1' is not a valid AWS Account ID",
        ],
        GOOD,
    ),
    (
        "partition-mismatch",
        "mapRoles",
        "- rolearn: arn:aws-cn:iam::111122223333:role/dev\n  username: dev\n  groups: [devs]\n",
        &["error partition-mismatch mapRoles line 1 entry 0: `arn:aws-cn:iam::111122223333:role/dev` is of the \
           partition `aws-cn`, the cluster is in `aws`"],
        GOOD,
    ),
    (
        "not-migratable",
        "mapRoles",
        "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n  groups: ['system:basic']\n\
         - rolearn: arn:aws:iam::111122223333:role/ops\n  username: aws:ops\n  groups: [ops]\n",
        &[
            "info not-migratable mapRoles line 1 entry 0: `arn:aws:iam::111122223333:role/dev` cannot become an access \
             entry as it is: the group `system:basic` is reserved",
            "info not-migratable mapRoles line 4 entry 1: `arn:aws:iam::111122223333:role/ops` cannot become an access \
             entry as it is: user names must not begin with `aws:`",
        ],
        "- rolearn: arn:aws:iam::111122223333:role/nodes\n  username: system:node:{{EC2PrivateDNSName}}\n  \
         groups: ['system:bootstrappers', 'system:nodes']\n",
    ),
];

#[test]
fn each_lint_strikes_with_these_words() {
    let wrong = CASES.iter().filter_map(|(id, key, text, expected, _)| {
        let struck = lints(key, text);
        (struck != *expected).then(|| format!("{id}\n  expected {expected:#?}\n  found {struck:#?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_lint_is_silent_where_nothing_is_wrong() {
    for (id, key, _, _, good) in CASES {
        let key = if *id == "unknown-section" { "mapRoles" } else { key };
        let struck: Vec<_> = lints(key, good).into_iter().filter(|line| line.contains(&format!(" {id} "))).collect();
        assert_eq!(struck, Vec::<String>::new(), "{id}");
    }
}

#[test]
fn a_good_entry_is_passed_over() {
    assert_eq!(lints("mapRoles", GOOD), Vec::<String>::new());
    assert_eq!(lints("mapUsers", "''"), Vec::<String>::new());
    assert_eq!(lints("mapAccounts", "~"), Vec::<String>::new());
}

#[test]
fn every_rule_has_a_case_and_its_words() {
    let tested: BTreeSet<&str> = CASES.iter().map(|(id, ..)| *id).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(tested, rules);
    assert_eq!(rules.len(), 26);
    for rule in RULES {
        assert!(rule.reason.ends_with('.') && rule.remedy.ends_with('.') && !rule.source.is_empty(), "{}", rule.id);
    }
}

#[test]
fn keys_that_name_nobody_are_told_apart_by_case() {
    let struck = lints("notes", "x");
    assert_eq!(struck, ["info unknown-section notes: `notes` is not read"]);
}

#[test]
fn nearness() {
    let check =
        |a: &str, b: &str, expected: bool| assert_eq!((near(a, b), near(b, a)), (expected, expected), "{a} {b}");
    check("map_roles", "mapRoles", true);
    check("mapRole", "mapRoles", true);
    check("mapRolse", "mapRoles", false);
    check("mapRobes", "mapRoles", true);
    check("xmapRoles", "mapRoles", true);
    check("roles", "mapRoles", false);
    check("", "", true);
}

#[test]
fn placeholders_in_odd_places_do_no_harm() {
    let struck = lints("mapRoles", "- rolearn: '{{'\n  username: '{{ {{x}}'\n  groups: ['}}']\n");
    let expected = [
        "error bad-arn mapRoles line 1 entry 0: `{{` is nobody's ARN: \
         it is not of the form arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE",
        "warning unknown-placeholder mapRoles line 2 entry 0: `{{x}}` in `{{ {{x}}` is not filled in",
    ];
    assert_eq!(struck, expected);
}
