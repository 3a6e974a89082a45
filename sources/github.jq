# GitHub webhooks: code scanning, Dependabot, secret scanning and older vulnerability alerts, advisories, and any other event,
# because a push or a new member may be the alert too. The event's name is in a header, so the body must tell which it is.


# The key that only this event has, most telling first.
def kinds:
  [ "workflow_job", "workflow_run", "check_run", "check_suite", "pull_request_review_thread", "thread", "review", "comment", "pull_request", "issue",
    "discussion", "release", "deployment_status", "deployment", "repository_ruleset", "rule", "repository_advisory", "security_advisory",
    "personal_access_token_request", "exemption_request", "alert", "installation", "membership", "member", "invitation", "blocked_user", "team",
    "key", "hook", "forkee", "package", "registry_package", "label", "milestone", "project", "definition", "head_commit", "commits" ];
def events:
  { review: "pull_request_review", comment: "issue_comment", issue: "issues", rule: "branch_protection_rule", key: "deploy_key",
    blocked_user: "org_block", hook: "meta", forkee: "fork", head_commit: "push", commits: "push", invitation: "organization", thread: "pull_request_review_thread" };
def kind:
  . as $post
  | (.alert | obj) as $alert
  | if $alert | (.rule | type == "object") and (.tool | type == "object") then "code_scanning_alert"
    elif $alert | has("security_advisory") or has("security_vulnerability") then "dependabot_alert"
    elif $alert | has("secret_type") then if has("location") then "secret_scanning_alert_location" else "secret_scanning_alert" end
    elif $alert | has("affected_package_name") or has("external_identifier") then "repository_vulnerability_alert"
    elif has("head_commit") and has("pusher") then "push"
    elif (.changes | obj | .from | obj | has("security_and_analysis")) then "security_and_analysis"
    elif (.membership | type == "object") and has("team") then "membership"
    elif (.membership | type == "object") then "organization"
    elif has("comment") and has("pull_request") then "pull_request_review_comment"
    elif has("comment") and (.comment | obj | has("commit_id")) then "commit_comment"
    elif has("comment") and has("discussion") then "discussion_comment"
    elif has("ref_type") then if has("pusher_type") and has("master_branch") then "create" else "delete" end
    else
      (first(kinds[] | . as $key | select($post | has($key))) // null)
      | if . == null then if $post | has("action") then "repository" else "public" end else events[.] // . end
    end;

def is_ping: type == "object" and (.zen | type == "string") and (.hook | type == "object" or type == "null") and has("hook_id");
def is_advisory: .security_advisory | obj | (.ghsa_id | text) != null and count(.summary, .identifiers, .published_at, .vulnerabilities) >= 2;
def recognises:
  type == "object" and (has("object_kind") or has("specversion") or has("detail-type") | not)
  and (is_ping or is_advisory
    or ((.repository | obj | .full_name | text // "" | split("/") | length == 2)
        and (has("action") or has("pusher") or has("ref_type") or has("sender"))
        and (.repository | obj | has("uuid") or has("workspace") or (.links | type == "object") | not))
    or ((.organization | obj | .login | text) != null and (.sender | obj | .login | text) != null and has("action")));

def severity:
  {
    critical: "critical", high: "high", error: "high", medium: "medium", moderate: "medium", warning: "medium", low: "low", note: "low",
    none: "informational"
  }[text // "" | ascii_downcase];

def facet($key; $set_by): {key: $key, value: text, set_by: $set_by};
def login: obj | first_text(.login, .name);

# What each kind of alert says; `number` is GitHub's own name for the problem within its repository.
def code_scanning:
  .alert | (.rule | obj) as $rule | (.most_recent_instance // (.instances | list)[0] | obj) as $at
  | ($at.location | obj | .path) as $path
  | {title: first_text($rule.description, $rule.name, $rule.id), detection: first_text($rule.id, $rule.name), level: first_text($rule.security_severity_level, $rule.severity),
     ended: (.state == "fixed"), files: [$path], techniques: [],
     facets: [(.tool | obj | .name | facet("tool"; "environment")), (if $path then $path | facet("file"; "actor") else empty end)]};
def dependabot:
  .alert | (.security_advisory | obj) as $advisory | (.security_vulnerability | obj) as $hole | (.dependency | obj) as $dependency
  | {title: first_text($advisory.summary, $advisory.ghsa_id), detection: first_text($advisory.ghsa_id, $advisory.cve_id),
     level: first_text($hole.severity, $advisory.severity), ended: (.state == "fixed"), files: [$dependency.manifest_path],
     facets: [($dependency.package // $hole.package | obj | .name | facet("package"; "environment")), ($dependency.manifest_path | facet("file"; "environment"))]};
def secret_scanning:
  (.location | obj | .details | obj | .path) as $path
  | .alert
  | {title: first_text(.secret_type_display_name, .secret_type), detection: first_text(.secret_type), level: null,
     # Whoever closes one as no leak, as unimportant or as a test has not ended anything.
     ended: ((.state == "resolved" or .resolution) and (.resolution == "revoked" or .resolution == "pattern_deleted")), files: [$path],
     facets: [(.secret_type | facet("secret_type"; "environment"))]};
def vulnerability:
  .alert
  | {title: ([first_text(.external_identifier, .ghsa_id), first_text(.affected_package_name)] | map(values) | join(" in ") | text),
     detection: first_text(.ghsa_id, .external_identifier), level: .severity, ended: (.state == "fixed"), files: [],
     facets: [(.affected_package_name | facet("package"; "environment"))]};
def advisory:
  (.security_advisory // .repository_advisory | obj) as $advisory
  | {title: first_text($advisory.summary, $advisory.ghsa_id), detection: first_text($advisory.ghsa_id, $advisory.cve_id), level: $advisory.severity,
     ended: (.action == "withdrawn"), files: [],
     facets: [($advisory.vulnerabilities | list[0] | obj | .package | obj | .name | facet("package"; "environment"))]};
# The newest commit of a push; a deleted branch has none.
def commit: (.commits | list | last | obj) + (.head_commit | obj);
# Everything else is named by its event and action, and is about the one thing that it carries.
def other($kind):
  . as $post
  | (if $kind == "push" then commit
     else first((.workflow_job, .workflow_run, .check_run, .check_suite, .comment, .review, .pull_request, .issue, .discussion, .release, .deployment,
                 .repository_ruleset, .rule, .personal_access_token_request, .exemption_request, .key, .hook, .forkee, .installation, .team) | objects) // {} end | obj) as $thing
  | {title: first_text(($thing | .title, .name, .display_title), ($post.pull_request, $post.issue | obj | .title),
                 ($thing.message | text // "" | split("\n")[0]), ([$kind, ($post.action | text)] | map(values) | join(" "))),
     detection: ([$kind, ($post.action | text)] | map(values) | join(".")), level: null, ended: false, files: [],
     subject: [first_text($post.number, ($post.pull_request, $post.issue | obj | .number)),
               # Runs come and go: the workflow and the branch are what lasts.
               (if $thing.number then null else first_text($thing.name, $thing.title) end),
               first_text($post.ref, $thing.head_branch), ($thing.conclusion | text), ($post.ref_type | text),
               ($post.member // $post.blocked_user // ($post.membership | obj | .user) | login),
               ($post.changes | if type == "object" and . != {} then tojson else null end),
               (if $kind == "issue_comment" or $kind == "pull_request_review_comment" or $kind == "push" then first_text($thing.id, $post.after) else null end)],
     facets: [(if $kind == "push" or ($thing | has("head_branch")) then first_text($post.ref, $thing.head_branch) | facet("branch"; "actor") else empty end),
              (if $kind == "workflow_run" or $kind == "workflow_job" then $thing.name | facet("workflow"; "environment") else empty end)]};

def is_bot: (.type == "Bot") or (login // "" | . == "github" or . == "dependabot" or endswith("[bot]"));

def alert:
  . as $post | obj | kind as $kind
  | (if (.alert | type) != "object" then . + {alert: {}} else . end)
  | (if $kind == "code_scanning_alert" then code_scanning
     elif $kind == "dependabot_alert" then dependabot
     elif $kind == "secret_scanning_alert" or $kind == "secret_scanning_alert_location" then secret_scanning
     elif $kind == "repository_vulnerability_alert" then vulnerability
     elif $kind == "security_advisory" or $kind == "repository_advisory" then advisory
     else other($kind) end) as $read
  | (.repository | obj) as $repository | first_text($repository.full_name) as $name | first_text(.action) as $action
  | first_text(($repository.owner | login), (.organization | login)) as $owner
  | (first((.alert, .security_advisory, .repository_advisory, .workflow_run, .workflow_job, .comment, .review, .pull_request, .issue, .release) | objects | select(. != {})) // {}) as $thing
  | commit as $commit | (.pusher | obj) as $pusher
  | (first((.sender, .workflow_run.actor?, .comment.user?, .pull_request.user?, .issue.user?, $pusher) | objects | select(login)) // {}) as $sender
  | ($read.ended or ($read.ended == false and ($action == "fixed" or ($action == "resolve" and $kind == "repository_vulnerability_alert")))) as $ended
  | first_text($thing.updated_at, $thing.dismissed_at, $thing.completed_at, $thing.created_at, $thing.published_at, $commit.timestamp, (.commits | list[] | obj | .timestamp)) as $time
  | {
      title: $read.title,
      detection_id: $read.detection,
      rule_version: null,
      severity: ($read.level | severity),
      raw_severity: ($read.level | text),
      occurred_at: $time,
      status: (if $ended then "resolved" else "firing" end),
      entities: [
        ($sender | login | entity(if $sender | is_bot then "service" else "user" end; if $sender | is_bot then "actor.service" else "actor.user" end)),
        ($name | entity("service"; "target.service")),
        ($owner | entity("account"; if $name then "related.account" else "target.account" end)),
        (.member // .blocked_user // (.membership | obj | .user) | login | entity("user"; "target.user")),
        (.pull_request, .issue, .comment | obj | .user | login | select(. != ($sender | login)) | entity("user"; "related.user")),
        (((.pull_request, (.workflow_run | obj | .pull_requests | list[]) | obj | .head | obj | .repo), (.workflow_run | obj | .head_repository)
          | obj | .full_name | text | select(. != $name) | entity("service"; "related.service"))),
        (.workflow_job | obj | .runner_name | entity("host"; "related.host")),
        ($read.files[] | entity("file"; "related.file")),
        # Whoever commits writes any name and address.
        ($pusher.email, ($commit.author | obj | .email) | text | values | {kind: "email", value: ., role: "related.email", provenance: "text"}),
        (.hook | obj | .config | obj | .url | entity("url"; "related.url")) ],
      facets: [
        (if $kind == "security_advisory" then empty elif $name then $name | facet("repository"; "environment") else $owner | facet("owner"; "environment") end),
        $read.facets[],
        (if $read.subject then $sender | login | facet("sender"; "actor") else empty end) ],
      attack: [],
      # An alert's number outlives each of its changes.
      occurrence_id: (if $read.subject and ($thing.id | text) == null then first_text(.after)
        else [(if $kind == "security_advisory" then $kind else "\($kind)/\($name)" end), first_text($thing.number, $thing.ghsa_id, $thing.id), $action, $time | values] | join("/") end),
      about: (if $read.subject then
          [$name, $owner, ($sender | login)] + $read.subject
          | if map(values) == [] then [$post | tojson] else . end
        else [$name, $owner, ($post | tojson)] end),
      problem: (if $read.subject then null
        elif $kind == "security_advisory" or $kind == "repository_advisory" then $read.detection | if . then "\($kind)/\($name // "")/\(.)" else . end
        else first_text($thing.number, $thing.id) as $number
          | if $name and $number then "\($kind | rtrimstr("_location"))/\($name)/\($number)" else null end end),
      owner_hints: [],
      links: [$thing.html_url, $thing.external_reference, $commit.url, .compare, (if $thing.html_url then null else $repository.html_url end)
              | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $post
    };

def one: if is_ping then {control: "ping"} else alert end;
def alerts: if type == "array" and . != [] then .[] | one else one end;
