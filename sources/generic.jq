# Any alert that no other source knows, read by the names that tools usually give their fields: those of OCSF, ECS, CEF, Zabbix,
# Nagios, Azure Monitor, New Relic and their like. It may ask, never fire: no vendor promised these paths, so every entity is `text`
# and there are no facets.

# Of text that holds several JSON values some jqs make several: take one.
def number: [tonumber?][0];
def json: [fromjson?][0];
def swap($old; $new): (. / $old) | join($new);
# What tools write where they have nothing to say.
def empty_words: {null: true, none: true, "n/a": true, na: true, "-": true, unknown: true, undefined: true, "...": true, "*": true};
def said:
  if type == "array" then .[0] else . end | text
  | if . == null or startswith("$") or startswith("*insert ") or empty_words[ascii_downcase] then null else . end;

# `CEF:0|vendor|product|version|signature|name|severity|src=192.0.2.1 msg=two words`: a value ends before the next key's word.
def cef:
  split("CEF:")[1] | split("|") as $head
  | ($head[7:] | join("|") | split("=")) as $tokens
  | reduce ($tokens | to_entries[] | .value |= split(" ")) as {key: $at, value: $words} ({fields: {}, key: $tokens[0], held: ""};
      if $at == 0 then .
      elif $at == ($tokens | length) - 1 then .fields[.key] = .held + ($words | join(" "))
      # A value with a "=" of its own.
      elif $words[1] == null then .held += $words[0] + "="
      else .fields[.key] = .held + ($words[:-1] | join(" ")) | .key = $words[-1] | .held = "" end)
  | .fields + {signatureid: $head[4], cefname: $head[5], cefseverity: $head[6]};
# `LEEF:1.0|vendor|product|version|event|src=192.0.2.1<tab>msg=two words`, in which version 2 has a field more that says what parts them.
def leef:
  split("LEEF:")[1] | split("|") as $head
  | (if $head[0] == "1.0" then {rest: $head[5:], mark: "\t"}
     else {rest: $head[6:], mark: ($head[5] // "" | if utf8bytelength == 1 then . else "\t" end)} end) as {rest: $rest, mark: $mark}
  | reduce ($rest | join("|") | split($mark)[0:200][] | split("=")) as $field ({};
      if $field[0] // "" | . != "" then .[$field[0]] = ($field[1:] | join("=")) else . end)
  | . + {signatureid: $head[4], leefname: "\($head[2]) \($head[4])", cefseverity: .sev, time: (.devTime // null)};
# `<38>Nov 24 10:00:00 host sshd[7]: …` and `<38>1 2026-11-24T10:00:00Z host sshd 7 - - …`.
def syslog:
  split(">") as $cut | ($cut[1:] | join(">") | split(" ") | map(select(. != ""))) as $words
  | ($cut[0][1:] | number) as $priority
  | if $priority == null or $priority > 191 then null
    else (if $words[0] == "1" then {syslogtime: $words[1], hostname: $words[2], processname: $words[3], syslogmessage: ($words[7:] | join(" "))}
          else {hostname: $words[3], processname: ($words[4] // "" | rtrimstr(":") | split("[")[0]), syslogmessage: ($words[5:] | join(" "))} end)
      + {syslogseverity: ($priority % 8)} end;
# Fields that are text and hold an alert of their own as CEF, LEEF or syslog.
def opened:
  reduce (to_entries[] | select(.value | type == "string" and (startswith("<") or contains("CEF:") or contains("LEEF:")))) as {$key, $value} (.;
    .record = ($value | if contains("CEF:") then cef elif contains("LEEF:") then leef else syslog end) // .record);

# Keys that only wrap.
def wrappers:
  ["kibana", "payload", "body", "notification", "records", "record", "data", "detail", "object", "content", "alerts", "alert", "events",
   "event", "incident", "alarm", "issue", "detection", "findings", "finding", "findinginfo", "results", "result", "message",
   "essentials", "alertcontext", "attributes", "properties", "details", "customdetails", "metadata", "labels", "commonlabels",
   "userlabels", "systemlabels", "policyuserlabels", "annotations", "commonannotations", "fields", "customfields", "parameters",
   "evidences", "evidence", "newissues", "issuedata", "objectattributes", "surfacedauth", "resultsjson", "messages", "investigation", "alarmtypedetails", "checkparams", "fileinfo", "checkresult", "incidentreport",
   "protopayload", "input", "match", "ctx", "matchedrules", "rule1", "matchedevent", "inputs", "raw",
   "log", "text"];

# A post of many alerts, unless it has a title of its own: then the list is only detail.
def bundle:
  . as $post
  | if type != "object" then null
    else first(("alerts", "events", "findings", "incidents", "records", "results", "items", "Alerts", "Events", "Findings", "Records",
                "newIssues", "data", "value")
               | select($post[.] | type == "array" and (map(type == "object") | any))) as $key
      | if $post | has("title") or has("name") or has("rule") or has("severity") or has("message") or has("summary") or has("Title")
             or has("Name") or has("Severity")
        then null else $key end end;
# A list by any name, where nothing else in the post says anything of its own.
def sole_list:
  if type != "object" then null
  else [to_entries[] | select(.value | type == "object" or (type == "array" and . != []))] as $large
    | if ($large | length) == 1 and ($large[0].value | type == "array" and (map(type == "object") | all))
         and (has_any(["id", "Id", "ID", "title", "name", "rule", "severity", "message", "summary", "text", "type", "event", "Title", "Name"]) | not)
      then $large[0].key else null end end;
def parts:
  (first(bundle) // sole_list) as $key
  | if type == "array" then .[] | {part: ., alert: .}
    elif $key then . as $post | .[$key][] | {part: ($post + {($key): [.]}), alert: (if type == "object" then ($post | del(.[$key])) + . else . end)}
    else {part: ., alert: .} end;

def recognises: type == "object" or (type == "array" and (map(type == "object") | any));

# Words and the P and SEV scales only: a bare number says nothing without its scale.
def severity:
  {
    critical: "critical", crit: "critical", fatal: "critical", emergency: "critical", emerg: "critical", disaster: "critical",
    severe: "critical", veryhigh: "critical", blocker: "critical", p0: "critical", p1: "critical", sev0: "critical", sev1: "critical",
    high: "high", major: "high", error: "high", err: "high", urgent: "high", p2: "high", sev2: "high",
    compromised: "critical", imminentcompromise: "high", hazardous: "medium",
    medium: "medium", moderate: "medium", average: "medium", warning: "medium", warn: "medium", p3: "medium", sev3: "medium",
    low: "low", minor: "low", p4: "low", sev4: "low",
    informational: "informational", information: "informational", info: "informational", notice: "informational",
    debug: "informational", p5: "informational", sev5: "informational"
  }[text // "" | ascii_downcase | split(" - ") | .[-1] // "" | split("(")[0] // "" | swap("_"; "") | swap("-"; "") | swap(" "; "")
    | ltrimstr("alertcriticalitylevel") | rtrimstr("severity")];
# Scales that a field names: OCSF, Zabbix, CEF and what counts to ten as it does, syslog, Graylog, Lacework,
# Nagios, Azure.
def scales:
  {
    ocsf: {"1": "informational", "2": "low", "3": "medium", "4": "high", "5": "critical", "6": "critical"},
    zabbix: {"1": "informational", "2": "medium", "3": "medium", "4": "high", "5": "critical"},
    cef: {"0": "low", "1": "low", "2": "low", "3": "low", "4": "medium", "5": "medium", "6": "medium", "7": "high", "8": "high",
          "9": "critical", "10": "critical"},
    syslog: {"0": "critical", "1": "critical", "2": "critical", "3": "high", "4": "medium", "5": "informational",
             "6": "informational", "7": "informational"},
    graylog: {"1": "low", "2": "medium", "3": "high"},
    lacework: {"1": "critical", "2": "high", "3": "medium", "4": "low", "5": "informational"},
    # Return codes of Nagios plugins.
    nagios: {"1": "medium", "2": "critical"},
    azure: {sev0: "critical", sev1: "high", sev2: "medium", sev3: "informational", sev4: "informational"}
  };

# A type that only says what became of the alert, or that it is one, is no rule: it would be another at the end.
def last_word:
  ascii_downcase | swap("."; "_") | swap(":"; "_") | swap(" "; "_") | split("_")
  # "incident_created_v2" says the same in each version.
  | (if .[-1] // "" | startswith("v") and (ltrimstr("v") | number) != null then .[-2] else .[-1] end) // "";
def only_says_alert:
  {
    alert: true, alarm: true, event: true, incident: true, notification: true, problem: true, custom: true, rule: true, policy: true,
    scheduled_rule: true, investigation: true, issue: true, finding: true, detection: true
  }[ascii_downcase];
def only_says_state:
  {
    recovery: true, resolved: true,
    recovered: true, cleared: true, closed: true, close: true, open: true, opened: true, created: true, updated: true, deleted: true,
    triggered: true, fired: true, firing: true, acknowledged: true, acknowledgement: true, degraded: true, failure: true
  }[.];

# Few words count as an end, because an alert that is taken for one is not decided. The last word of a value decides: "alert.resolved"
# and "ALERT_RECOVERY" are ends, "unresolved" is none. All values are looked through as one text, each between "|" and "$".
def words_of(f): [f | text | values] | "|\(join("$|"))$" | ascii_downcase;
def says_end:
  swap("."; "|") | swap("_"; "|") | swap(":"; "|") | swap("-"; "|")
  | (contains("|resolved$") or contains("|recovered$") or contains("|recovery$") or contains("|cleared$") or contains("|closed$")
     or contains("|close$") or contains("|resolve$"))
    and (contains("|not|") | not);
def says_fine: contains("|ok$") or contains("|up$") or contains("|clear$") or contains("|cleared$");

def is_time:
  if type == "number" then . > 100000000
  elif type == "string" then
    (contains(":") and utf8bytelength < 40 and ((.[4:5] | . == "-" or . == "/" or . == ".") or contains(" 20"))) or (number // 0) > 100000000
  else false end;

# T1110, "T1110.001: Password Guessing", "attack.t1110", and lists and objects of them.
def each: if type == "array" then .[] else . end;
def ids: if type == "object" then .id, .uid, .technique_id, .techniqueId else . end | text | values;
def techniques(f):
  [f | each | ids, (objects | .technique, .techniques, .sub_technique | each | ids, (objects | .subtechnique | each | ids))]
  | if . == [] then . else
      join(" ") | ascii_upcase
      | if contains("T1") or contains("T0") then
          swap(","; " ") | swap(":"; " ") | swap("("; " ") | swap(")"; " ") | swap("ATTACK."; " ") | swap("_"; " ") | split(" ")
          | [.[] | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null))] | unique
        else [] end
    end;

# "Recovered: disk full" and "[PROBLEM] disk full" are about one thing.
def stateless:
  (if startswith("[") then split("] ") else split(": ") end) as $parts
  | if ($parts | length) > 1
       and {
             triggered: true, firing: true, problem: true, alerting: true, down: true, up: true, ok: true, warning: true,
             critical: true, fixed: true, resolved: true, recovered: true, recovery: true, cleared: true, closed: true
           }[$parts[0] | ltrimstr("[") | ascii_downcase]
    then $parts[1:] | join(" ") else . end;

def is_ip:
  (contains(" ") | not)
  and ((split(":")[0] // "" | split(".") | length == 4 and (map(select(number != null)) | length) == 4) or (split(":") | length) > 2);
def entity($kind; $role): {kind: $kind, value: ., role: $role, provenance: "text"};
def host($side):
  # "db-01:9100"
  (split(":") | if length == 2 and (.[1] | number) != null then .[0] else join(":") end)
  | if is_ip then entity("ip"; "\($side).ip") else entity("host"; "\($side).host") end;

# What a vendor calls a resource, by the form of its name.
def thing:
  if startswith("arn:aws:s3:::") then split(":::")[1] | split("/")[0] | entity("bucket"; "target.bucket")
  elif startswith("arn:") then entity("arn"; "target.arn")
  else entity("service"; "target.service") end;

# The alert whose values have these names: {name: value}.
def read($part; $at):
  # The values that go by one of the names, the best name first.
  def named($names): $at | present($names)[];
  def one($names): first(named($names) | said | values) // null;
  # The first that looks like its kind.
  def one_if($names; yes): first(named($names) | said | values | select(yes)) // null;

  # The name of a thing in an API is no title.
  def is_path: startswith("/") or startswith("organizations/") or startswith("projects/") or startswith("arn:") or contains("://");
  # Where zones are named the rule is what let the traffic pass, and the device is what saw it.
  def is_firewall: one(["fromzone", "srczone", "sourcezone", "vsys", "virtuallocation"]) != null;
  def threat: if is_firewall then one(["threatid", "threatname"]) else null end;
  def sentence: contains(" ");
  def title:
    threat
    # Opsgenie's message is a line, and stands beside a long description.
    // (if one(["tinyid"]) then one(["message"]) elif one(["modelid"]) then one(["model"]) else null end)
    // one_if(["title", "alerttitle", "messagetitle", "eventtitle", "problemtitle", "headline", "subject", "summary", "alertsummary",
         "alertdisplayname", "modelname", "pluginname", "monitorfriendlyname", "checkoutput", "shortdescription", "alertname", "rulename", "alertrule", "alarmrulename", "protectionname", "checkname", "monitorname", "problemname", "eventname",
         "triggername", "conditionname"]; is_path | not)
    // one_if(["reason"]; sentence)
    // one_if(["policyname", "flaggedrulesname", "pullrequesttitle", "entitydisplayname", "name",
         "ruledescription", "alarmtext", "alarmname", "cefname", "threatname", "signature", "alertdescription", "description",
         "desc", "statemessage", "alertmessage", "msg", "text", "output", "serviceoutput", "hostoutput", "heartbeatmsg",
         "headcommitmessage", "longdescription", "leefname", "event", "rule", "info", "message", "body", "syslogmessage", "raw", "line", "log", "fulllog",
         "workflowrunname", "workflowjobname", "configrulename", "latestdescription", "resultdescription", "error", "displayname", "terminatingruleid",
         "attacktype", "operationname", "methodname", "eventtypecode", "factshuman", "detection", "reason"]; is_path | not)
    // one_if(["type"]; sentence)
    // one_if(["cat", "category", "detailtype", "eventtype", "alerttype",
         "verb", "operation", "type", "watchid", "lastmessage", "sensorname", "sensor"]; is_path | not)
    # Of an event that has no words only what was run tells.
    // one(["action", "processcommandline", "commandline", "cmdline", "processbinary", "processname"]);
  def rule:
    (if one(["attack"]) then one(["attackid"]) else null end)
    // threat
    # Where the alert has an id of its own beside it, what is written like a path of names is its rule's.
    // (if one(["alertid", "alertuuid"]) and one(["ruleid", "policyid"]) == null then one_if(["id"]; contains(".") and (contains(" ") | not) and number == null) else null end)
    // one(["recid", "pluginid", "configrulename", "terminatingruleid", "eventdefinitionid", "factsname", "modelid", "modelname", "ruleid", "ruleuuid", "ruleuid", "alertruleid", "alarmruleid", "alarmrulename", "protectionid", "protectionname", "reasoncode", "watchid", "sensorid", "rulename", "alertrule", "rule", "analyticuid", "analyticname",
         "signatureid", "signaturename", "signature", "detectionid", "detectionname", "detection", "detectorid",
         "detectorname", "policyid", "policyname", "policy", "alertpolicynames", "monitorid", "monitorname", "monitor", "checkid",
         "checkname", "checkcommand", "check", "servicedesc", "servicedescription", "triggerid", "triggername", "conditionid",
         "conditionname", "alertconditionnames", "queryid", "queryname", "searchname", "alertdefinitionid", "checkrulesid",
         "checkrulesname", "flaggedrulesid", "flaggedrulesname", "alertname", "alertdisplayname", "alarmname", "alarmsubtype", "alarmmaintype",
         "threatname", "rulerrn", "rulesid", "attacktype", "operationname", "eventcode", "eventtypecode", "eventname", "metricname", "originatingmetric", "findingtype", "problemtitle", "cveid", "cve", "identifiersname"])
    // one_if(["note"]; contains("::"))
    // one_if(["sid", "qid"]; number != null)
    // one_if(["id"]; startswith("CVE-") or startswith("GHSA-") or startswith("SNYK-"))
    // one_if(["methodname"]; sentence | not)
    // one_if(["cat", "subtype", "eventtype", "type", "category", "name", "alerttype", "detailtype", "verb", "operation",
               "event"]; ((only_says_alert or (last_word | only_says_state)) | not) or (ascii_downcase | contains("door")))
    // one_if(["action"]; (contains("_") or contains(".")) and (last_word | only_says_state | not));
  def time:
    first((if one(["eventdate", "date"]) // "" | utf8bytelength == 10 then
             "\(one(["eventdate", "date"]))T\(one(["eventtime", "time"]) // "" | select(utf8bytelength == 8))" | swap("."; "-") | swap("/"; "-")
           else empty end),
          named(["occurredat", "eventtime", "detectedat", "detectiontime", "triggeredat", "firedat", "fireddatetime", "startsat", "startedat",
                 "starttime", "statestarttime", "openedat", "timestampiso", "timestampms", "timestamp", "timedt", "time",
                 "eventtimestamp", "heartbeattime", "statechangedtimestamp", "statechangetime", "laststatechange", "shortdatetime",
                 "datetime", "date", "occurred", "when", "unixtime", "calendartime", "receivedtime", "createtime", "firsteventtime", "eventtimeutc", "starttimeutc", "timegeneratedutc", "detectiontimestamp",
                 "surfacedtimestamp", "createddatetime", "messagetime", "alertdatetime", "triggertimestart", "timegenerated",
                 "devicereceipttime", "firsttimestamp", "lasttimestamp", "createdtimestamp", "longdatetime", "icingatimet",
                 "requestreceivedtimestamp", "published", "startdate", "start", "activatedat", "createdat", "created", "createdtime",
                 "creationtime", "sysupdatedon", "syscreatedon", "firstseen", "lastfound", "firstfound", "eventcreated", "ingested", "rt", "updatedat",
                 "updatedate", "lastseen", "syslogtime", "systime", "ts", "alertts", "alarmdate", "executiontime", "datecreate", "datecreated",
                 "firstfounddatetime", "sentat"])
          | select(is_time)) // null;

  # A scale that the whole alert names.
  def scale:
    if one(["monitorcondition"]) then scales.azure
    elif one(["laceworkaccount"]) then scales.lacework
    elif one(["eventdefinitiontype"]) then scales.graylog
    elif one(["devicevendor"]) or one(["legacyalertid"]) or (one(["magnitude"]) and one(["credibility"])) then scales.cef
    else {} end;
  def severity_and_raw:
    (one(["severityid"]) | if . and one(["classuid", "categoryuid", "typeuid"]) then scales.ocsf[.] else null end) as $ocsf
    | scale as $scale
    | [named(["severity", "severitylabel", "severityname", "severitylevel", "severitytext", "eventseverity", "triggerseverity",
              "alertseverity", "ruleseverity", "findingseverity", "problemseverity", "risklevel", "alarmrisklevel", "risk",
              "priority", "alertpriority", "eventpriority", "rulepriority", "priorityname", "urgency", "criticality", "importance",
              "importancelevel", "impact", "severitydescription", "investigationpriority", "policyseverity", "vendorseverity", "threatseverity", "risklevelduringsignin", "triggertype", "alertlevel", "level", "rulelevel", "loglevel",
              "messagetype"]) | said | values] as $words
    | first(
        ($words[] | ($scale[ascii_downcase] // severity) as $known | select($known) | [$known, .]),
        ($ocsf | values | [., one(["severityid"])]),
        (one(["eventnseverity", "triggernseverity"]) | values | [scales.zabbix[.], .]),
        (one(["cefseverity"]) | values | [scales.cef[.] // severity, .]),
        (one(["checkstatus", "exitstatus"]) | values | [scales.nagios[.], .]),
        (one(["syslogseverity"]) | values | [scales.syslog[.], .]),
        (named(["state", "servicestate", "hoststate", "currentstate", "status"]) | said | severity as $known | select($known)
          | [$known, .]),
        ($words[] | [null, .])) // [null, null];

  def ended:
    named(["resolved", "isresolved", "recovered"]) == true,
    (words_of(named(["status", "state", "currentstate", "alertstatus", "alertstate", "incidentstate", "incidentstatus",
                     "issuestatus", "eventstatus", "problemstatus", "problemstate", "monitorcondition", "triggerstatus",
                     "statename"])) | says_end),
    (words_of(named(["state", "currentstate", "alertstate", "servicestate", "hoststate", "monitorstate", "checkstate",
                     "triggerstatus", "severity", "alertseverity"])) | says_fine),
    # A monitor that beats again.
    named(["heartbeatstatus"]) == 1,
    # What a repository closes is no alert that ended.
    (if $at.repositoryfullname then empty
     else words_of(named(["action", "alertaction", "notificationtype", "type", "alerttype", "eventtype", "messagetype",
                          "transition", "alerttransition", "event"])) | says_end end);

  def entities:
    one(["dhost", "hostname", "host", "hostdisplayname", "hosthost", "computername", "computer", "computerdnsname", "devicename",
         "devicehostname", "device", "machine", "machinename", "servername", "server", "node", "nodename", "agentname",
         "agenthostname", "endpointname", "endpoint", "assetname", "asset", "affectedhost", "targethost", "targethostname", "assethostname", "entityvaluename", "entitysystemhostname", "compromisedentity", "hosthostname", "hostidentifier", "computerhostname", "serverhostname", "devicednsname",
         "dvchost", "dvchostname", "fqdn", "vmname", "monitorhostname", "configurationitem", "configurationitems", "cmdbci",
         "cmdbcidisplayvalue", "destinationhostname", "destinationhost", "dstendpointhostname", "cloudinstancename", "instance",
         "sysname", "hostdns"]) as $host
    | [ (one(["actorusername", "actoralternateid", "suser", "sourceusername", "srcuser", "username", "user",
              "useridentityusername", "userusername", "subjectusername", "subjectuser", "actorname", "actorid", "actorlogin", "actor",
              "principal", "principalname", "userprincipalname", "srcaccountname", "devicecredentials", "deviceusername", "computeruser", "usrname", "account", "loginname", "login", "userid",
              "senderlogin", "pushername", "pullrequestuserlogin", "userlogin", "initiator", "initiatedby", "cardholdername", "cardholder", "badgeholder", "useremail",
              "actoremail", "principalemail", "authdisplayname"])
           // (if one(["accountid", "cloudaccountid", "cloudprovider", "cloudtype", "laceworkaccount"]) then null else one(["accountname"]) end)
           | values | select((utf8bytelength != 12 or number == null) and (contains(":subscriptions/") or startswith("/") | not))
           | entity("user"; "actor.user")),
        (one(["useridentityarn", "userarn", "principalarn"]) | values | entity("arn"; "actor.arn")),
        (one(["accesskeyid", "useridentityaccesskeyid"]) | values | entity("access_key"; "actor.access_key")),
        (one_if(["srcip", "sourceip", "src", "sourceipaddress", "sourceaddress", "srcaddr", "srcaddress", "srcendpointip",
                 "clientip", "clientipaddress", "clientaddress", "networkclientip", "remoteip", "remoteaddr", "remoteaddress",
                 "remoteipaddress", "calleripaddress", "callerip", "senderip", "sourceips", "accessdeviceip", "addrremote", "senderipaddress", "offensesource", "attackerip", "actorip", "userip", "rhost", "idorigh", "principalip", "internalip", "cip", "source",
                 "ipaddress", "ipaddr", "ip"];
                is_ip and . != $host)
           | values | entity("ip"; "source.ip")),
        (one(["shost", "srchost", "srchostname", "sourcehost", "sourcehostname", "srcendpointhostname", "clienthostname"])
           | values | entity("host"; "source.host")),
        ($host | values | select(contains(" ") | not) | host(if is_firewall then "related" else "target" end)),
        (one_if(["hostip", "hostaddress", "hostipaddress", "deviceip", "agentip", "address", "dvc",
                 "affectedip", "assetipv4", "deviceinternalip", "entityvalueips", "entitiesaddress"]; is_ip and . != $host)
           | values | entity("ip"; "target.ip")),
        (one(["recipient", "recipients", "recipientemail", "recipientaddress", "toaddress", "toaddresses", "targetuseremail"]) // "" | select(contains("@"))
           | entity("email"; "target.email")),
        (one(["duser", "destinationusername", "dstuser", "dstusername", "targetuser", "targetusername"])
           | values | entity("user"; "target.user")),
        (one(["service", "servicename", "servicedesc", "servicedescription", "application", "applicationname", "component",
              "affectedservice", "resourcename", "resourcedisplayname", "entityname", "impactedentity", "impactedentities",
              "targetsname", "resourcedatabaseid", "repositoryfullname", "resourceid", "resource", "functionname", "workload", "objectrefname", "deploymentname",
              "subsystem", "pkgname", "entity"])
           | values | thing),
        (one(["doorid", "doorname", "door", "accesspointid", "accesspointname", "readername"]) | values | entity("door"; "target.door")),
        (one(["badgeid", "badgenumber", "badge", "cardnumber", "cardid"]) | values | entity("badge"; "actor.badge")),
        (one(["instanceid", "cloudinstanceid", "resourceinstanceid"]) | values | entity("instance"; "target.instance")),
        (one(["bucket", "bucketname", "s3bucketname", "s3bucket", "requestparametersbucketname", "resourcebucketname"])
           | values | entity("bucket"; "target.bucket")),
        (one(["pod", "podname", "kubernetespodname", "k8spodname", "podid", "resourcepodname"]) | values | entity("pod"; "target.pod")),
        (one(["containername", "containerid", "resourcecontainername", "container"]) | values | entity("container"; "related.container")),
        (one(["accountid", "awsaccountid", "cloudaccountid", "recipientaccountid", "subscriptionid", "projectid",
              "scopingprojectid"])
           | values | entity("account"; "related.account")),
        (one_if(["dstip", "dst", "destip", "destinationip", "destinationaddress", "destinationipaddress", "dstendpointip",
                 "targetip", "serverip", "idresph"]; is_ip)
           | values | entity("ip"; if is_firewall then "target.ip" else "related.ip" end)),
        (one(["processname", "process", "actorprocessname", "actorprocessimagename", "proccmdline", "processbinary", "processexecutable", "processpath", "sproc", "dproc", "exe",
              "commandline", "cmdline", "processcommandline"])
           // one_if(["image"]; contains("\\"))
           | values | entity("process"; "related.process")),
        (one(["filepath", "file", "filename", "fname", "s3location", "targetfilename", "attachmentname"])
           | values | entity("file"; "related.file")),
        (one_if(["sha256", "filehashsha256", "filesha256", "processhashsha256", "processsha256", "fileidentitysha256", "actorprocessimagesha256", "sha1", "filehashsha1", "md5", "filehashmd5",
                 "filehash", "hash"]; utf8bytelength > 7 and (contains(" ") | not))
           | values | entity("hash"; "related.hash")),
        (one_if(["domain", "domainname", "dnsquestionname", "destinationdomain", "phishingdomain", "urldomain", "query"];
                contains(".") and (contains(" ") or contains("/") or contains("=") | not))
           | values | entity("domain"; "related.domain")),
        (one_if(["request", "urlfull", "urloriginal", "requesturl", "targeturl", "fullurl", "monitorurl",
                 "maliciousurl"]; contains("://"))
           | values | entity("url"; "related.url")),
        (one_if(["sender", "from", "senderemail", "fromaddress", "email", "emailaddress", "compromisedemails",
                 "headcommitauthoremail", "pusheremail", "useremail", "actoremail"]; contains("@"))
           | values | entity("email"; "related.email")) ];

  # What people read. Nothing here names what stands in it, so it is looked through by shape.
  def prose:
    [named(["title", "alerttitle", "messagetitle", "eventtitle", "problemtitle", "headline", "subject", "summary", "alertsummary",
            "shortdescription", "longdescription", "description", "alertdescription", "ruledescription", "desc", "statemessage",
            "alertmessage", "fullmessage", "rawmessage", "message", "msg", "text", "alarmtext", "output", "serviceoutput",
            "longserviceoutput", "hostoutput", "body", "raw", "rawevent", "log", "line", "fulllog", "info", "comment", "notes",
            "reason", "content", "event"]) | strings];

  severity_and_raw as [$severity, $raw]
  | title as $title
  | (if [ended] | any then "resolved" else "firing" end) as $status
  | one(["eventid", "eventuuid", "occurrenceid", "alertid", "alertuuid", "incidentid", "problemid", "pid", "alarmid",
         "notificationid", "checkresultid", "externalid", "uuid", "guid", "uid", "id", "number", "requestid"]) as $id
  | one(["updatedat", "updated", "lastseen", "lastupdated", "lastupdate", "updatedate"]) as $updated
  | one(["dedupkey", "dedupekey", "deduplicationkey", "dedupid", "incidentkey"]) as $key
  | entities as $entities
  | rule as $rule
  | {
      title: $title,
      detection_id: $rule,
      rule_version: one(["ruleversion", "rulerev", "signaturerev"]),
      severity: $severity,
      raw_severity: $raw,
      occurred_at: time,
      status: $status,
      # Where no name said anything, any value may.
      entities: ($entities + [{found_in: (if $entities == [] then $part else prose end), side: "related"}]),
      facets: [],
      attack: techniques(named(["technique", "techniques", "techniqueid", "techniqueids", "techniqueuid", "mitre", "mitreid",
                                "mitretechnique", "mitretechniques", "mitretechniqueid", "mitretechniqueids", "mitreattack",
                                "mitreattackid", "mitretechniqueidandname", "mitreattackprimarytechniques", "mitreattackvectorstechniques", "attack", "attacks", "attackid", "attacktechnique", "attacktechniques",
                                "rulemitre", "rulemitreid", "threat", "threattechnique", "threattechniqueid",
                                "threattechniquesubtechniqueid", "rulethreat", "tags", "ruletags"])),
      occurrence_id: (if $id then [$id, $updated, if $status == "resolved" then $status else null end] | map(values) | join("/")
                      else null end),
      # Rather two cases for one problem than one case for two: where nothing says what it is about, or nothing says where, only the
      # same post is the same problem.
      about: ([$key // ($title // "" | stateless)]
              + if $key or ($entities != [] and ($title or $rule)) then [$entities[] | "\(.role)=\(.value)"] | sort
                else [$id // ($part | tojson)] end),
      owner_hints: [named(["team", "teamname", "ownerteam", "owner", "ownername", "owneremail", "assignedto", "assignee",
                           "assignmentgroup", "squad", "oncall", "contactgroup"]) | said | values],
      links: [named(["url", "link", "permalink", "alerturl", "eventurl", "incidenturl", "problemurl", "issueurl", "consoleurl",
                     "detectorurl", "dashboardurl", "runbookurl", "weblink", "htmlurl", "pullrequesthtmlurl", "generatorurl",
                     "href"])
              | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alert:
  .part as $part
  | (.alert | if type == "object" then . elif type == "string" then {message: .} else {} end | opened) as $alert
  | read($part; $alert | by_name(wrappers));

def alerts: parts | alert;
