# Sentry: webhooks of its integration platform (issues, issue alerts, metric alerts, errors, comments) and of the older plugin.


# The shapes: each takes more than one mark to tell.
def is_platform:
  obj | (.data | obj) as $data
  | has_any(["installation", "actor"])
    and count((.action | text), (.installation | obj | .uuid | text), (.actor | obj | has("type")), (.data | type == "object")) >= 3
    and (any($data.issue, $data.event, $data.error, $data.metric_alert, $data.metricAlert, $data.installation; type == "object")
         or $data.comment_id != null);
def is_plugin:
  obj | (.event | obj) as $event
  | has_any(["project_slug", "project_name", "culprit", "logger", "triggering_rules"])
    and count(
      (.project_slug | text), (.project_name | text), has("culprit"), has("logger"), has("triggering_rules"), (.level | text),
      ($event.event_id | text), ($event | has("platform")), (.url | text // "" | contains("/issues/"))
    ) >= 5;

def recognises: is_platform or is_plugin;

# Levels of events, priorities of issues, and the triggers of metric alerts.
def severity:
  {
    fatal: "critical", critical: "critical", error: "high", high: "high", warning: "medium", medium: "medium", low: "low",
    info: "informational", debug: "informational"
  }[text // "" | ascii_downcase];

def entity($kind; $role; $from): text | values | {kind: $kind, value: ., role: $role, provenance: $from};
def facet($key; $set_by): {key: $key, value: text, set_by: $set_by};
def time: if type == "number" then . else text end;
def links(f): [f | text // "" | select(startswith("http://") or startswith("https://"))];

# [["environment", "prod"]] or [{key, value}], as an object.
def tags:
  reduce (list[] | if type == "array" then {key: .[0], value: .[1]} else obj end | select(.key | type == "string")) as $tag
    ({}; .[$tag.key] = $tag.value);

# An event: whoever used the program when it failed, and from where. Its text and its request are typed by that side.
def event_entities($tags; $project):
  (.user | obj) as $user
  | [ (first_text($user.username, $user.id, $user.name) | entity("user"; "actor.user"; "field")),
      ($user.email | entity("email"; "actor.email"; "field")),
      ($user.ip_address | select(. != "{{auto}}") | entity("ip"; "source.ip"; "field")),
      ($project | entity("service"; "target.service"; "field")),
      (first_text(.server_name, $tags.server_name) | entity("host"; "target.host"; "field")),
      (first_text((.request | obj | .url), $tags.url) | entity("url"; "related.url"; "text")) ];

# What the error is called: the type of the exception that broke out, which is the last.
def error_type:
  first_text((.metadata | obj | .type), (.exception | if type == "object" then .values else . end | list | .[-1] | obj | .type));

# The older API URL is all that names the issue in some events: …/issues/1234/
def issue_in_url: text // "" | split("/issues/")[1] // "" | split("/")[0] // "" | text;
# …/projects/ORGANISATION/PROJECT/events/…: an event itself has only the project's number.
def project_in_url: text // "" | split("/projects/")[1] // "" | split("/")[1] // "" | text;

# One event and its issue. Sentry keeps the issue through every event, alert and change of one problem, so that it is the sameness.
def from_event($part; $issue; $rule; $action):
  (.tags | tags) as $tags
  | ($issue.project | if type == "object" then . else {} end) as $of_issue
  | first_text($part.project_slug, $of_issue.slug, .project_slug, $part.project_name, .project_name, $of_issue.name,
         (.url | project_in_url), $issue.project, .project, $part.project) as $project
  | first_text($part.id, $issue.id, .issue_id, .group_id, (.issue_url, .web_url, .url | issue_in_url)) as $group
  | first_text(.environment, $tags.environment) as $environment
  | first_text(.transaction, $tags.transaction) as $transaction
  | first_text(.level, $issue.level, $part.level, $tags.level, $issue.priority) as $level
  | first_text($issue.culprit, .culprit, $part.culprit, .location, $transaction) as $culprit
  | (if $action == "resolved" or $issue.status == "resolved" then "resolved" else "firing" end) as $status
  | first_text(.title, $issue.title, $part.message, .message, (.logentry | obj | .formatted)) as $title
  | {
      title: $title,
      # The alert rule of the site; without one what kind of error it is.
      detection_id: first_text($rule, error_type, ($issue | error_type), $tags."error.type", $issue.issueType, .type, $issue.type),
      rule_version: null,
      severity: ($level | severity),
      raw_severity: $level,
      occurred_at: ([if $action == "created" then $issue.firstSeen else null end, .datetime, .timestamp, .received,
                     $issue.lastSeen, $issue.firstSeen | time | values][0]),
      status: $status,
      entities: event_entities($tags; $project),
      # A program reports its own errors, and where its key is public anyone may report them for it.
      facets: [($project | facet("project"; "environment")), ($culprit | facet("culprit"; "actor")),
               (if $rule then first_text(error_type, ($issue | error_type)) | values | facet("error"; "actor") else empty end),
               ($environment | values | facet("environment"; "actor"))],
      attack: [],
      occurrence_id: (first_text(.event_id, .id) as $event
        | if $event and ($part | obj | .event | type == "object") or ($event and $action == "triggered") then $event
          elif $group then [$group, ($action // "event"), $event, first_text($issue.lastSeen)] | map(values) | join("/")
          else $event end),
      about: ([$project, $culprit, $title] | if map(values) == [] then [$part | tojson] else . end),
      problem: (if $group then "issue/\($group)" else null end),
      owner_hints: ([$issue.assignedTo, .assignee | obj | first_text(.email, .name)] | map(values)),
      links: links($part.url, .web_url, $issue.permalink, $issue.web_url, .url),
      payload: $part
    };

# A metric alert: the rule of the site is the detection and the problem; its incidents come and go under new ids.
def from_metric($part; $action):
  (.alert_rule | obj) as $rule
  | ([.projects, $rule.projects | list[] | text | values] | unique) as $projects
  | first_text($rule.organization_id, .organization_id) as $organization
  | ($part.data | obj) as $data
  | first_text($rule.id, $rule.name) as $id
  | (if $action == "resolved" then "resolved" else "firing" end) as $status
  | {
      title: first_text(.title, $rule.name, $data.description_title),
      detection_id: $id,
      rule_version: null,
      severity: (if $status == "resolved" then null else $action | severity end),
      raw_severity: $action,
      occurred_at: ([if $status == "resolved" then .date_closed else null end, .date_started, .date_detected, .date_created
                     | time | values][0]),
      status: $status,
      entities: [$projects[] | entity("service"; "target.service"; "field")],
      facets: [($organization | facet("organization"; "environment")), ($projects | join(",") | facet("projects"; "environment")),
               (first_text($rule.environment) | values | facet("environment"; "environment"))],
      attack: [],
      occurrence_id: (first_text(.id, .identifier) | if . then "\(.)/\($action // "")" else null end),
      about: ([$organization] + $projects + (if $id then [] else [first_text(.id, .title) // ($part | tojson)] end)),
      problem: null,
      owner_hints: [$rule.owner | text | values],
      links: links($data.web_url),
      payload: $part
    };

def alert:
  . as $part | (.action | text) as $action | (.data | obj) as $data
  | if $data.installation | type == "object" then {control: "installation"}
    elif ($data.metric_alert // $data.metricAlert) | type == "object" then
      $data.metric_alert // $data.metricAlert | from_metric($part; $action)
    elif .data | type == "object" then
      first_text($data.triggered_rule, ($data.issue_alert | obj | .title)) as $rule
      | ($data.issue | obj) as $issue
      | ($data | [.event, .error | objects][0] // {}) as $event
      | if $event == {} and $issue == {} then
          {title: $data.comment, id: $data.comment_id, issue_id: $data.issue_id, timestamp: $data.timestamp,
           project_slug: $data.project_slug, type: "comment"}
        else $event end
      | from_event($part; $issue; $rule; $action)
    else
      # The plugin: the issue around its event.
      first_text(.triggering_rules | list[]) as $rule
      | (.event | obj) | from_event($part; {}; $rule; $action)
    end;

def alerts:
  if type == "array" then .[] else . end
  | if type == "object" then alert else {status: "firing", about: [tojson], payload: .} end;
