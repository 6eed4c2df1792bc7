/**
 * The built-in classifiers of logs, in Glue's order (developer guide, "Built-in classifiers in AWS Glue"). Their
 * patterns are not published: these follow the formats' own documentation and the patterns of logstash.
 */
import type { GrokSettings } from "./grok-layout.js";

/** `quick` spares most files the pattern: it holds for the first line of any such log. */
export type LogClassifier = GrokSettings & { readonly quick: RegExp };

const log = (classification: string, quick: RegExp, grokPattern: string): LogClassifier =>
  Object.freeze({ classification, quick, grokPattern });

/** The beginning of a line of redis-server, before 3.0 and since. */
export const REDIS_LINE = /^(?:\[\d+\]|\d+:[A-Z]) \d+ [A-Z][a-z]{2} (?:\d{4} )?\d\d:/;

export const LOG_CLASSIFIERS: readonly LogClassifier[] = Object.freeze([
  log("combined_apache", /\] "[^"]*.*" \d{3} (?:\d+|-) "[^"]*.*" "/, "%{COMBINEDAPACHELOG}"),
  log("apache", /\] "[^"]*.*" \d{3} (?:\d+|-)\s*$/, "%{COMMONAPACHELOG}"),
  log(
    "linux_kernel",
    /^[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \S+ kernel: /,
    "%{SYSLOGTIMESTAMP:timestamp} %{NOTSPACE:host} kernel: (?:\\[ *%{NUMBER:uptime:double}\\] )?%{GREEDYDATA:message}",
  ),
  // the fields of "IIS Log File Format": the server's service, name and address are in the middle, a comma ends the
  // line
  log(
    "microsoft_log",
    /^[\d.:a-f]+, [^,]*, \d+\/\d+\/\d+, \d+:\d+:\d+, /i,
    "%{IPORHOST:client_ip}, %{DATA:user}, %{DATA:date}, %{DATA:time}, %{DATA:service}, %{DATA:server}, %{DATA:server_ip}, %{INT:time_taken:long}, %{INT:bytes_received:long}, %{INT:bytes_sent:long}, %{INT:status:int}, %{INT:windows_status:long}, %{DATA:method}, %{DATA:target}, %{DATA:parameters},?",
  ),
  log(
    "ruby_logger",
    /^[DFEWIA], \[\d{4}-/,
    "%{WORD:severity_id}, \\[%{NOTSPACE:timestamp} #%{INT:pid:long}\\] +%{WORD:severity} -- %{DATA:progname}: %{GREEDYDATA:message}",
  ),
  log(
    "squid",
    /^\d+\.\d{3} +\d+ \S+ [A-Z_]+\/\d{3} /,
    "%{NUMBER:timestamp:double} +%{INT:elapsed:long} %{NOTSPACE:client} %{WORD:result}/%{INT:status:int} %{INT:bytes:long} %{WORD:method} %{NOTSPACE:url} %{NOTSPACE:user} %{WORD:hierarchy}/%{NOTSPACE:peer} %{NOTSPACE:content_type}",
  ),
  log(
    "redismonlog",
    /^\d+\.\d+ \[\d+ [^\]]+\] "/,
    '%{NUMBER:timestamp:double} \\[%{INT:database:int} %{DATA:client}\\] "%{DATA:command}"(?: %{GREEDYDATA:params})?',
  ),
  log(
    "redislog",
    REDIS_LINE,
    "\\[?%{INT:pid:long}(?:\\]|:%{WORD:role}) %{MONTHDAY:day} %{MONTH:month} (?:%{YEAR:year} )?%{TIME:time} %{NOTSPACE:level} %{GREEDYDATA:message}",
  ),
]);
