/**
 * The built-in patterns: Glue's names, written for a matcher that never backtracks. Source: AWS Glue Developer Guide,
 * custom-classifier, "Built-in patterns"; what differs from it is in docs/decisions/0032. Sub-patterns named UNWANTED
 * are not captured.
 */
export const GROK_PATTERNS: { readonly [name: string]: string } = Object.freeze({
  USERNAME: "[a-zA-Z0-9._-]+",
  USER: "%{USERNAME:UNWANTED}",
  INT: "(?:[+-]?(?:[0-9]+))",
  BASE10NUM: "(?:[+-]?(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+))",
  NUMBER: "(?:%{BASE10NUM:UNWANTED})",
  BASE16NUM: "(?:[+-]?(?:0x)?(?:[0-9A-Fa-f]+))",
  BASE16FLOAT: "\\b(?:[+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\\.[0-9A-Fa-f]*)?|\\.[0-9A-Fa-f]+))\\b",
  BOOLEAN: "(?i:true|false)",
  POSINT: "\\b(?:[1-9][0-9]*)\\b",
  NONNEGINT: "\\b(?:[0-9]+)\\b",
  WORD: "\\b\\w+\\b",
  NOTSPACE: "\\S+",
  SPACE: "\\s*",
  DATA: ".*?",
  GREEDYDATA: ".*",
  QUOTEDSTRING: "(?:\"(?:\\\\.|[^\\\\\"])*\"|'(?:\\\\.|[^\\\\'])*'|`(?:\\\\.|[^\\\\`])*`)",
  QS: "%{QUOTEDSTRING:UNWANTED}",
  UUID: "[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}",

  MAC: "(?:%{CISCOMAC:UNWANTED}|%{WINDOWSMAC:UNWANTED}|%{COMMONMAC:UNWANTED})",
  CISCOMAC: "(?:(?:[A-Fa-f0-9]{4}\\.){2}[A-Fa-f0-9]{4})",
  WINDOWSMAC: "(?:(?:[A-Fa-f0-9]{2}-){5}[A-Fa-f0-9]{2})",
  COMMONMAC: "(?:(?:[A-Fa-f0-9]{2}:){5}[A-Fa-f0-9]{2})",
  IPV4OCTET: "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})",
  IPV4: "(?:%{IPV4OCTET:UNWANTED}[.]%{IPV4OCTET:UNWANTED}[.]%{IPV4OCTET:UNWANTED}[.]%{IPV4OCTET:UNWANTED})",
  IPV6: "(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|::(?:[Ff]{4}(?::0{1,4})?:)?%{IPV4:UNWANTED}|(?:[0-9A-Fa-f]{1,4}:){1,4}:%{IPV4:UNWANTED}|(?:[0-9A-Fa-f]{1,4}:){1,1}(?::[0-9A-Fa-f]{1,4}){1,6}|(?:[0-9A-Fa-f]{1,4}:){1,2}(?::[0-9A-Fa-f]{1,4}){1,5}|(?:[0-9A-Fa-f]{1,4}:){1,3}(?::[0-9A-Fa-f]{1,4}){1,4}|(?:[0-9A-Fa-f]{1,4}:){1,4}(?::[0-9A-Fa-f]{1,4}){1,3}|(?:[0-9A-Fa-f]{1,4}:){1,5}(?::[0-9A-Fa-f]{1,4}){1,2}|(?:[0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|:(?::[0-9A-Fa-f]{1,4}){1,7}|::)(?:%\\w+)?",
  IP: "(?:%{IPV6:UNWANTED}|%{IPV4:UNWANTED})",
  HOSTNAME: "\\b[0-9A-Za-z][0-9A-Za-z_-]*(?:\\.[0-9A-Za-z][0-9A-Za-z_-]*)*\\.?",
  HOST: "%{HOSTNAME:UNWANTED}",
  // what has the shape of an address or a name; IPV6 and IPV4 are exact, and cost ten times the steps
  IPORHOST: "(?:%{HOSTNAME:UNWANTED}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]*)",
  HOSTPORT: "(?:%{IPORHOST:UNWANTED}:%{POSINT:UNWANTED})",

  PATH: "(?:%{UNIXPATH:UNWANTED}|%{WINPATH:UNWANTED})",
  UNIXPATH: "(?:/(?:[\\w_%!$@:.,~-]+|\\\\.)*)+",
  TTY: "(?:/dev/(?:pts|tty(?:[pq])?)(?:\\w+)?/?(?:[0-9]+))",
  WINPATH: "(?:[A-Za-z]+:|\\\\)(?:\\\\[^\\\\?*]*)+",
  URIPROTO: "[A-Za-z]+(?:\\+[A-Za-z+]+)?",
  URIHOST: "%{IPORHOST:UNWANTED}(?::%{POSINT:UNWANTED})?",
  URIPATH: "(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%_\\-]*)+",
  URIPARAM: "\\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\\-\\[\\]]*",
  URIPATHPARAM: "%{URIPATH:UNWANTED}(?:%{URIPARAM:UNWANTED})?",
  URI: "%{URIPROTO:UNWANTED}://(?:%{USER:UNWANTED}(?::[^@]*)?@)?(?:%{URIHOST:UNWANTED})?(?:%{URIPATHPARAM:UNWANTED})?",

  MONTH:
    "\\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|Jun(?:e)?|Jul(?:y)?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\b",
  MONTHNUM: "(?:0[1-9]|1[0-2]|[1-9])",
  MONTHNUM2: "(?:0[1-9]|1[0-2])",
  MONTHDAY: "(?:0[1-9]|[12][0-9]|3[01]|[1-9])",
  DAY: "(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)",
  YEAR: "(?:\\d\\d){1,2}",
  HOUR: "(?:2[0-3]|[01]?[0-9])",
  MINUTE: "(?:[0-5][0-9])",
  SECOND: "(?:(?:[0-5][0-9]|60|[0-9])(?:[:.,][0-9]+)?)",
  TIME: "%{HOUR:UNWANTED}:%{MINUTE:UNWANTED}(?::%{SECOND:UNWANTED})",
  DATE_US: "%{MONTHNUM:UNWANTED}[/-]%{MONTHDAY:UNWANTED}[/-]%{YEAR:UNWANTED}",
  DATE_EU: "%{MONTHDAY:UNWANTED}[./-]%{MONTHNUM:UNWANTED}[./-]%{YEAR:UNWANTED}",
  DATE: "(?:%{DATE_US:UNWANTED}|%{DATE_EU:UNWANTED})",
  DATESTAMP_US: "%{DATE_US:UNWANTED}[- ]%{TIME:UNWANTED}",
  DATESTAMP_EU: "%{DATE_EU:UNWANTED}[- ]%{TIME:UNWANTED}",
  DATESTAMP: "%{DATE:UNWANTED}[- ]%{TIME:UNWANTED}",
  ISO8601_TIMEZONE: "(?:Z|[+-]%{HOUR:UNWANTED}(?::?%{MINUTE:UNWANTED}))",
  ISO8601_SECOND: "(?:%{SECOND:UNWANTED}|60)",
  TIMESTAMP_ISO8601:
    "%{YEAR:UNWANTED}-%{MONTHNUM:UNWANTED}-%{MONTHDAY:UNWANTED}[T ]%{HOUR:UNWANTED}:?%{MINUTE:UNWANTED}(?::?%{SECOND:UNWANTED})?%{ISO8601_TIMEZONE:UNWANTED}?",
  TZ: "(?:[PMCE][SD]T|UTC)",
  DATESTAMP_RFC822:
    "%{DAY:UNWANTED} %{MONTH:UNWANTED} %{MONTHDAY:UNWANTED} %{YEAR:UNWANTED} %{TIME:UNWANTED} %{TZ:UNWANTED}",
  DATESTAMP_RFC2822:
    "%{DAY:UNWANTED}, %{MONTHDAY:UNWANTED} %{MONTH:UNWANTED} %{YEAR:UNWANTED} %{TIME:UNWANTED} %{ISO8601_TIMEZONE:UNWANTED}",
  DATESTAMP_OTHER:
    "%{DAY:UNWANTED} %{MONTH:UNWANTED} %{MONTHDAY:UNWANTED} %{TIME:UNWANTED} %{TZ:UNWANTED} %{YEAR:UNWANTED}",
  DATESTAMP_EVENTLOG:
    "%{YEAR:UNWANTED}%{MONTHNUM2:UNWANTED}%{MONTHDAY:UNWANTED}%{HOUR:UNWANTED}%{MINUTE:UNWANTED}%{SECOND:UNWANTED}",
  CISCOTIMESTAMP: "%{MONTH:UNWANTED} %{MONTHDAY:UNWANTED} %{TIME:UNWANTED}",
  HTTPDATE: "%{MONTHDAY:UNWANTED}/%{MONTH:UNWANTED}/%{YEAR:UNWANTED}:%{TIME:UNWANTED} %{INT:UNWANTED}",

  SYSLOGTIMESTAMP: "%{MONTH:UNWANTED} +%{MONTHDAY:UNWANTED} %{TIME:UNWANTED}",
  PROG: "(?:[\\w._/%-]+)",
  SYSLOGPROG: "%{PROG:program}(?:\\[%{POSINT:pid}\\])?",
  SYSLOGHOST: "%{IPORHOST:UNWANTED}",
  SYSLOGFACILITY: "<%{NONNEGINT:facility}.%{NONNEGINT:priority}>",
  SYSLOGBASE: "%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:",
  SYSLOGLINE: "%{SYSLOGBASE} %{GREEDYDATA:message}",
  MESSAGESLOG: "%{SYSLOGBASE} %{DATA}",
  LINUXKERNELLOG:
    "%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGHOST:logsource} )?kernel: (?:\\[ *%{NUMBER:uptime:double}\\] )?%{GREEDYDATA:message}",

  COMMONAPACHELOG:
    '%{IPORHOST:clientip} %{USER:ident} %{USER:auth} \\[%{HTTPDATE:timestamp}\\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" %{NUMBER:response} (?:%{NUMBER:bytes}|-)',
  COMBINEDAPACHELOG: "%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent}",
  LOGLEVEL:
    "(?:[Aa]lert|ALERT|[Tt]race|TRACE|[Dd]ebug|DEBUG|[Nn]otice|NOTICE|[Ii]nfo|INFO|[Ww]arn?(?:ing)?|WARN?(?:ING)?|[Ee]rr?(?:or)?|ERR?(?:OR)?|[Cc]rit?(?:ical)?|CRIT?(?:ICAL)?|[Ff]atal|FATAL|[Ss]evere|SEVERE|EMERG(?:ENCY)?|[Ee]merg(?:ency)?)",
});
