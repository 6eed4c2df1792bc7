/**
 * Definitions of Protocol Buffers: the language specification's own examples and each of its rules that can be told
 * from one file.
 */
import { readProto } from "../../../src/catalog/schemas/proto-definition.js";

const problem = (text: string): string | undefined => {
  const found = readProto(text);
  return "problem" in found ? found.problem : undefined;
};

// the examples of the language specifications of proto2 and proto3, put together
const PROTO3 = `
syntax = "proto3"; // a comment
import public "other.proto";
package shop.v1;
option java_package = "com.example" ".foo";
option (my_option) = { a: "}" b: [1, 2] c { d: -1 } };
enum EnumAllowingAlias {
  option allow_alias = true;
  EAA_UNSPECIFIED = 0; EAA_STARTED = 1; EAA_RUNNING = 1 [(custom_option) = "hello world", deprecated = true];
  reserved 5, 7 to max; reserved "OLD", "OLDER";
}
message Outer {
  option (my_option).a = true;
  reserved 2, 15, 20 to 30; reserved "foo", 'bar';
  message Inner { int64 ival = 1; }
  optional string message = 1; repeated Inner inner_message = 0x3; map<int32, string> my_map = 4 [deprecated = true];
  oneof test_oneof { option (x) = 1.5e3; string name = 5; .shop.v1.Outer sub = 06; }
  string optional = 8; map map = 9; string enum = 10; /* words
    of the language are names too */ string oneof = 11;;
}
service SearchService { option deprecated = false; rpc Search (stream .a.Request) returns (Response) { option idempotency_level = NO_SIDE_EFFECTS; } rpc Plain (stream) returns (stream stream); }
`;
const PROTO2 = `
import weak "old.proto";
message Foo { extensions 100 to 199, 500 to max [verification = UNVERIFIED]; required int32 a = 1 [default = -inf]; optional group Result = 2 { required string url = 3; } optional E e = 4 [default = B]; }
extend Foo { optional int32 bar = 126; }
enum E { B = 1; C = -2; }
`;

test.each([
  ["proto3", PROTO3],
  ["proto2", PROTO2],
  ["an edition", 'edition = "2023"; option features.field_presence = IMPLICIT; message A { string a = 1; }'],
  ["nothing", ""],
])("%s is read", (_, text) => {
  expect(problem(text)).toBeUndefined();
});

test("layout and comments make no other definition, words do", () => {
  const words = (text: string): unknown => readProto(text);
  expect(words("message A{string a=1;}")).toEqual(words("// x\nmessage A {\n  string a = 1; /* y */\n}"));
  expect(words("message A{string a=1;}")).not.toEqual(words("message A{string b=1;}"));
});

test.each([
  ["message A { string a = 1 }", "line 1: expected ;"],
  ["message A {\n string a = 1;", "line 2: expected"],
  ['syntax = "proto4";', "proto2 or proto3"],
  ["message A { string a = 0; }", "field number"],
  ["message A { string a = 19500; }", "field number"],
  ["message A { string a = 536870912; }", "field number"],
  ["message A { string a = 1; int32 b = 1; }", "another number than 1"],
  ["message A { string a = 1; oneof o { int32 a = 2; } }", "another name than a"],
  ["message A { reserved 2 to 4; string a = 3; }", "another number than 3"],
  ["message A { string a = 3; reserved 2 to 4; }", "no field 3"],
  ['message A { string a = 3; reserved "a"; }', "another name than a"],
  ["message A { map<double, string> a = 1; }", "key of a map"],
  ["message A { map<string string> a = 1; }", "expected ,"],
  ['syntax = "proto3"; enum E { A = 1; }', "0 as the first value"],
  ["enum E { }", "an enum with a value"],
  ["enum E { A = 0; A = 1; }", "another name than A"],
  ["message A {} message A {}", "another name than A"],
  ["package a; package b;", "one package"],
  ["service S { rpc A (B) returns; }", "expected ("],
  ["option a = { b: [1 };", "brackets that match"],
  ["option a = { b: 1", "found the end"],
  ["message A { string a = 1.5; }", "a number"],
  ["message A { oneof o { repeated int32 a = 1; } }", "expected"],
  ["message 1A {}", "expected"],
  ['{"type":"record"}', "expected message"],
  ['message A { string a = "x\n"; }', "cannot be read"],
  ["/* never closed", "cannot be read"],
  ["message M { ".repeat(40), "at most 32 levels"],
  [`option a = ${"{".repeat(100_000)}`, "found the end"],
])("no definition: %.60s", (text, expected) => {
  expect(problem(text)).toContain(expected);
});
