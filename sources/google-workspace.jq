# Google Workspace: alerts of the Alert Center (alone, in a list, or in a Pub/Sub push) and activities of the Admin Reports API (raw,
# in a list, or with one event laid flat as collectors keep them). Each event of an activity is an alert.

# Of text that holds several JSON values some jqs make several: take one.
def json: [fromjson?][0];
def moment_of(f): first(f | if type == "number" then . else strings | text end | values) // null;

def is_activity:
  (.id | obj) as $id
  | has_any(["id", "actor"])
    and count(
      (.kind | text // "" | endswith("#activity")), ($id.applicationName | text), ($id.uniqueQualifier | text), ($id.customerId | text),
      (.actor | type == "object"), (.events | type == "array") or (.event | type == "object") or has("parameters"), has("ipAddress")
    ) >= 4;
def is_alert: has_any(["alertId", "customerId", "createTime", "securityInvestigationToolLink", "metadata"]) and count(
    (.alertId | text), (.customerId | text), (.source | text), (.type | text), (.createTime | text),
      has("securityInvestigationToolLink"),
    (.data | obj | .["@type"] | text // "" | contains("google.apps.alertcenter")), (.metadata | obj | (.alertId // .etag) | text)) >= 4;

def pushed: obj | .message | obj | .data | text;
def opened: obj | if pushed then pushed | [@base64d?][0] // "" | json | obj else . end;
def parts:
  . as $post
  | (if type == "object" and (.alerts | list != []) then .alerts[] | {part: ($post + {alerts: [.]}), one: obj}
     elif type == "object" and (.items | list != []) then .items[] | {part: ($post + {items: [.]}), one: obj}
     elif type == "array" then .[] | {part: ., one: opened}
     else {part: ., one: opened} end)
  | .part as $part | .one as $one
  | if $one.events | list | length > 1 then
      $one.events[] as $event | ($one + {events: [$event]}) as $alone
      | {one: $alone, part: (if $part | type != "object" then $alone elif $part.items then $part + {items: [$alone]} else $alone end)}
    else . end;
def recognises: any(parts; .one | is_activity or is_alert);

def severity: {HIGH: "high", MEDIUM: "medium", LOW: "low"}[text // "" | ascii_upcase];

# Parameters are a list of typed values in the API, an object where a collector laid them flat.
def parameters:
  if type == "object" then .
  else reduce (list[] | obj) as $one ({};
    ($one.name | text) as $name
    | if $name then .[$name] = ([$one.value, $one.multiValue, $one.boolValue, $one.intValue, $one.multiIntValue,
                                 ($one.messageValue | obj | .parameter | if . then {parameter: .} else null end) | select(. != null)][0])
      else . end) end;
# "a@example.com" out of "service:rule:a@example.com", of which there may be many.
def destinations: text // "" | split(",")[] | split(":") | last | text | values;

# What a parameter names: its kind and its part.
def named: {
    USER_EMAIL: ["user", "target.user"], affected_email_address: ["user", "target.user"], NEW_USER_EMAIL: ["user", "related.user"],
    target_user: ["user", "target.user"], target: ["user", "target.user"], new_owner: ["user", "related.user"],
      owner: ["user", "related.user"],
    GROUP_EMAIL: ["email", "target.email"], group_email: ["email", "target.email"], group_id: ["email", "target.email"],
      member_id: ["user", "target.user"],
    DOMAIN_NAME: ["domain", "target.domain"], target_domain: ["domain", "related.domain"],
    doc_id: ["file", "target.file"], doc_title: ["file", "related.file"], app_name: ["service", "target.service"],
      client_id: ["service", "related.service"],
    APPLICATION_NAME: ["service", "target.service"], OAUTH2_APP_NAME: ["service", "target.service"],
    DEVICE_ID: ["host", "target.host"], DEVICE_SERIAL_NUMBER: ["host", "related.host"], SERIAL_NUMBER: ["host", "related.host"],
    device_id: ["host", "target.host"], email_forwarding_destination_address: ["email", "related.email"]
  };
# What else tells one change from another.
def distinct: ["SETTING_NAME", "ORG_UNIT_NAME", "ROLE_NAME", "ROLE_ID", "PRIVILEGE_NAME", "NEW_VALUE", "API_SCOPES", "scope",
    "visibility", "new_value",
               "email_forwarding_destination_address", "target_domain"];

def mail: obj | (.source | obj) as $source
  | ($source | first_text(.from_header_address, .address) | entity("email"; "source.email")),
    (.destination | list[], . | objects | .address | entity("email"; "target.email")),
      (.flattened_destinations | destinations | entity("email"; "target.email")),
    (.link_domain | list[], strings | entity("domain"; "related.domain")),
    (.connection_info | obj | .client_ip | entity("ip"; "source.ip")),
    (.attachment | list[], . | objects | (.file_name | entity("file"; "related.file")), (.sha256 | entity("hash"; "related.hash")));

# Applications whose events are answers to a session over TLS that was already signed in.
def signed_in: {admin: true, drive: true, token: true, groups: true, groups_enterprise: true, calendar: true, user_accounts: true,
    chat: true, meet: true};
def activity:
  (.id | obj) as $id | (.events | list[0]) as $inner
  | (if $inner then $inner elif .event | type == "object" then .event else . end | obj) as $event
  | ($event.parameters | parameters) as $with | ($id.applicationName | text) as $application | ($event.name | text) as $name
  | (.actor | obj) as $actor | ($with.message_info | obj) as $mail | ($with.event_info | obj | .mail_event_type | text) as $mail_event
  | (signed_in[$application // ""] == true or $name == "login_success") as $session
  | [($actor | first_text(.email, .applicationInfo.applicationName?, .profileId) | entity("user"; "actor.user")),
     (.ipAddress | entity("ip"; "source.ip") | if $session then . + {handshake: true} else . end),
     ($with | (named | to_entries[]) as $known | .[$known.key] | list[], strings | text // ""
        # Who owns a file may also be a shared drive, whom it is shared with may be everyone.
        | select(. != "" and ($known.value[0] != "user" or contains("@"))) | entity($known.value[0]; $known.value[1])),
     ($mail | mail)] as $found
  | {
      title: (if $application and $name then "\($application): \($name | ascii_downcase | split("_") | join(" "))" else $name end),
      rule: first_text((if $application == "rules" then $with.rule_resource_name, $with.rule_id, $with.rule_name else null end),
                 (if $application and $name then "\($application)/\($name)" else $name end)),
      severity: first_text($with.severity), time: moment_of($id.time), updated: ($id.time | text), id: first_text($id.uniqueQualifier), ended: false,
      customer: ($id.customerId | text), name: $name, found: $found,
      subject: [(distinct[] as $key | $with[$key] | text | values | "\($key)=\(.)"), ($mail.subject | text | values | "subject=\(.)"),
                ($mail_event | values | "mail_event=\(.)")],
      links: [],
      facets: ([(first($found[] | select(.role == "actor.user")) | {key: "actor", value, set_by: "environment"}),
                ($with | first_text(.SETTING_NAME) | values | {key: "setting", value: ., set_by: "environment"}),
                ($with | first_text(.login_type) | values | {key: "login_type", value: ., set_by: "actor"}),
                ($with | first_text(.login_challenge_method, (.login_challenge_method | list[0])) | values
                    | {key: "login_challenge", value: ., set_by: "actor"}),
                ($with | first_text(.visibility) | values | {key: "visibility", value: ., set_by: "actor"}),
                ($with | first_text(.doc_type) | values | {key: "doc_type", value: ., set_by: "actor"}),
                ($with | first_text(.app_name) | values | {key: "app", value: ., set_by: "actor"}),
                ($mail_event | values | {key: "mail_event", value: ., set_by: "environment"}),
                ($mail.is_spam | text | values | {key: "is_spam", value: ., set_by: "environment"}),
                ($with | first_text(.ROLE_NAME) | values | {key: "role", value: ., set_by: "actor"})])
    };

# The kinds of an alert's data, by the fields that they have.
def center:
  (.data | obj) as $data | (.metadata | obj) as $metadata | ($data.ruleViolationInfo | obj) as $violation
  | [(if $violation != {} then $violation.triggeringUserEmail | entity("user"; "actor.user") else empty end),
     ($data.actorEmail, $data.primaryAdminChangedEvent?.previousAdminEmail? | entity("user"; "actor.user")),
     ($data.email, $data.accountEmail, $data.recipientEmail?, ($data.primaryAdminChangedEvent | obj | .updatedAdminEmail),
      ($data.superAdminPasswordResetEvent | obj | .userEmail) | entity("user"; "target.user")),
     ($data.affectedUserEmails | list[] | entity("user"; "target.user")),
     ($data.loginDetails | obj | .ipAddress | entity("ip"; "source.ip")), ($data.sourceIp | entity("ip"; "source.ip")),
     ($data.maliciousEntity | obj | (.fromHeader, (.entity | obj | .emailAddress) | entity("email"; "source.email"))),
     ($data.messages | list[0:50][] | obj | (.recipient | entity("email"; "target.email")),
       (.attachmentsSha256Hash | list[] | entity("hash"; "related.hash"))),
     ($data.events | list[0:50][] | obj | (first_text(.deviceId, .serialNumber) | entity("host"; "target.host"))),
     ($violation.resourceInfo | obj | (.documentId | entity("file"; "target.file")), (.resourceTitle | entity("file"; "related.file"))),
     ($violation.recipients | list[] | entity("email"; "related.email")),
     ($data.domain, ($data.domainId | obj | .customerPrimaryDomain) | entity("domain"; "related.domain"))] as $found
  | (($violation.ruleInfo | obj) as $rule
     | {
         rule: first_text($rule.resourceName, $rule.displayName, (if $data.triggerSource or $data.query then $data.name else null end),
             .type, $data["@type"]),
         title: first_text((if $data.displayName then $data.displayName else null end), $rule.displayName, $data.title, .type)
       })
  + {
      severity: ($metadata.severity | text), time: moment_of(.startTime, .createTime, .updateTime),
        updated: first_text(.updateTime, $metadata.updateTime, .createTime),
      id: first_text(.alertId, $metadata.alertId), ended: ($metadata.status == "CLOSED"),
        customer: first_text(.customerId, $metadata.customerId), found: $found,
      name: ($data.displayName | text), subject: [], links: [.securityInvestigationToolLink, $data.alertDetails?.link?],
      facets: [{key: "alert_source", value: (.source | text), set_by: "environment"},
               (first($found[] | select(.role == "target.user" or .role == "actor.user")) | {key: "user", value, set_by: "environment"})]
    };

def alert:
  .part as $part | .one | (if is_alert or has("alertId") then center else activity end)
  | (.found | settled) as $found
  | ([$found[] | select(.role == "actor.user" or (.role | startswith("target.")) or .role == "source.email" or .role == "related.domain")
      | "\(.role)=\(.value)"] + .subject | unique) as $subject
  | {
      title: .title,
      detection_id: .rule,
      rule_version: null,
      severity: (.severity | severity),
      raw_severity: .severity,
      occurred_at: .time,
      status: (if .ended then "resolved" else "firing" end),
      entities: ($found + [.customer | entity("account"; if any($found[]; .role | startswith("target.")) then "related.account"
          else "target.account" end)]),
      facets: ([{key: "customer", value: .customer, set_by: "environment"}] + .facets),
      attack: [],
      occurrence_id: (if .id then [.id, .updated, .name, (if .ended then "resolved" else null end)] | map(values) | join("/")
          else null end),
      about: ([.customer] + if $subject != [] then $subject else [.id // ($part | tojson)] end),
      owner_hints: [],
      links: [.links[] | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
