{ Acts as a program in VB6 or VBA: calls upscope.dll only with the declarations in Upscope.bas, and handles texts and
  handles like that module. Runs the conformance vectors (tests/vectors/README.md): reads lines
  "operation TAB configuration TAB request" and writes lines "status TAB text". With --started: as started calls that are
  polled. With --checks: runs other tests with a sandbox. }
program vb6_proof;

{$MODE DELPHI}
{$CODEPAGE UTF8}

uses
  SysUtils, vbdeclares, upscopejson, lines;

const
  OK = 0;
  DONE = 100;
  PENDING = 101;

var
  { The library writes texts and handles to these variables, as in the module. }
  mText, mHandle: LongPtr;
  Started: Boolean;
  Checks, Failures: Integer;

{ As in Upscope.bas. }
function TakeText: WideString;
var
  Units: Long;
begin
  Units := NativeTextLength(mText);
  Result := '';
  if Units > 0 then
  begin
    SetLength(Result, Units);
    if NativeTextCopy(mText, StrPtr(Result), Units) <> Units then raise Exception.Create('a text was not copied completely');
  end;
  NativeTextFree(mText);
  mText := 0;
end;

{ As in Upscope.bas. }
function OptionalText(const Text: WideString): LongPtr;
begin
  Result := 0;
  if Text <> '' then Result := StrPtr(Text);
end;

function WaitFor(Call: LongPtr; out Text: WideString): Long;
begin
  repeat
    mText := 1;
    Result := NativePendingWait(Call, 0, mText);
    Text := TakeText;
    if Result = PENDING then Sleep(1);
  until Result <> PENDING;
  NativePendingFree(Call);
end;

function CallOperation(Client: LongPtr; const Operation, Request: WideString; out Text: WideString): Long;
begin
  mText := 1;
  mHandle := 1;
  if Started then
  begin
    Result := NativeStart(Client, StrPtr(Operation), OptionalText(Request), mHandle, mText);
    Text := TakeText;
    if Result = OK then Result := WaitFor(mHandle, Text);
  end
  else
  begin
    Result := NativeCall(Client, StrPtr(Operation), OptionalText(Request), mText);
    Text := TakeText;
  end;
end;

function CallPages(Client: LongPtr; const Request: WideString; out Text: WideString): Long;
var
  Pages: LongPtr;
  Page: WideString;
begin
  mText := 1;
  Pages := 1;
  Result := NativeSessionsOpen(Client, OptionalText(Request), Pages, mText);
  Text := TakeText;
  if Result <> OK then Exit;
  repeat
    mText := 1;
    mHandle := 1;
    if Started then
    begin
      Result := NativeSessionsStartNext(Pages, mHandle, mText);
      Page := TakeText;
      if Result = OK then Result := WaitFor(mHandle, Page);
    end
    else
    begin
      Result := NativeSessionsNext(Pages, mText);
      Page := TakeText;
    end;
    if Result = OK then
    begin
      if Text <> '' then Text := Text + ',';
      Text := Text + Page;
    end;
  until Result <> OK;
  if Result = DONE then Text := '[' + Text + ']'
  else Text := Page;
  NativeSessionsFree(Pages);
end;

procedure Run(Line: UpscopeText);
var
  Operation, Config, Request, Text: WideString;
  Client: LongPtr;
  Status: Long;
begin
  Operation := CutAtTab(Line);
  Config := CutAtTab(Line);
  Request := Line;
  { '' would mean an empty object. }
  if Request = '' then Request := ' ';
  mText := 1;
  if Operation = '@parse_webhook' then
  begin
    Status := NativeParseWebhook(StrPtr(Request), mText);
    Text := TakeText;
  end
  else
  begin
    Client := 1;
    Status := NativeClientNew(OptionalText(Config), Client, mText);
    Text := TakeText;
    if Status <> OK then raise Exception.Create('no client');
    if Operation = '@pages' then Status := CallPages(Client, Request, Text)
    else Status := CallOperation(Client, Operation, Request, Text);
    NativeClientFree(Client);
  end;
  WriteUtf8Line(UpscopeText(IntToStr(Status)) + #9 + EscapedLine(Text));
end;

procedure Check(Right: Boolean; const What: UpscopeText);
begin
  Inc(Checks);
  if Right then Exit;
  Inc(Failures);
  WriteUtf8Line('FAILED: ' + What);
end;

{ The stack pointer. A wrong calling convention changes it. }
function StackPointer: PtrUInt;
begin
  Result := PtrUInt(Get_Frame);
end;

{ As in Upscope.bas. }
function JsonGet(const Json, Pointer: WideString; out Value: WideString): Boolean;
var
  Status: Long;
begin
  mText := 0;
  Status := NativeJsonGet(StrPtr(Json), StrPtr(Pointer + #0), mText);
  Value := TakeText;
  Result := Status = OK;
end;

{ Reads five values of each session, as UpscopeJsonItems and UpscopeJson do. }
procedure CheckPage(const Page: WideString);
const
  Keys: array[0..4] of WideString = ('/id', '/agent_name', '/visitor_id', '/started_at', '/length_seconds');
var
  List, Item, Value, Key: WideString;
  Count, Characters: Integer;
  StartTime: PtrUInt;
begin
  StartTime := GetTickCount64;
  Check(JsonGet(Page, '/cobrowsing_sessions/0', Item) and JsonGet(Page, '/cobrowsing_sessions', List), 'the sessions');
  Count := 0;
  Characters := 0;
  while JsonGet(List, '/' + WideString(IntToStr(Count)), Item) do
  begin
    for Key in Keys do
      if JsonGet(Item, Key, Value) then Inc(Characters, Length(Value));
    Inc(Count);
  end;
  Check((Count >= 50) and (Characters > 40 * Count), 'the values of the sessions');
  WriteUtf8Line(UpscopeText(Format('five values of %d sessions, %d characters of JSON: %d ms',
    [Count, Length(Page), GetTickCount64 - StartTime])));
end;

{ The classes free a client before its iterators and started calls, if the program does. }
procedure CheckOrder(Client: LongPtr);
var
  Pages, Call: LongPtr;
  Text: WideString;
  Info: UpscopeText;
begin
  Check(NativeConnectionInfo(Client, mText) = OK, 'the connection');
  Info := TakeText;
  Check(UpscopeParseJson(Info).Text('base_url') = UpscopeText(GetEnvironmentVariable('UPSCOPE_BASE_URL')), Info);
  Check(NativeSessionsOpen(Client, 0, Pages, mText) = OK, 'an iterator');
  TakeText;
  Text := 'get_usage';
  Check(NativeStart(Client, StrPtr(Text), 0, Call, mText) = OK, 'a call that continues');
  TakeText;
  NativeClientFree(Client);
  Check(NativeSessionsNext(Pages, mText) = OK, 'a page after the client');
  Text := TakeText;
  CheckPage(Text);
  NativeSessionsFree(Pages);
  Check(NativePendingWait(Call, 10000, mText) = OK, 'a call after the client');
  TakeText;
  NativePendingFree(Call);
end;

procedure RunChecks;
const
  Names: WideString = 'Анна 王小明 🦊👩‍💻 "x"';
var
  Client, Call: LongPtr;
  Status, I: Long;
  Text, Short: WideString;
  Fields: array[0..2] of LongPtr;
  Base, Json: UpscopeText;
  StartTime, Frame: PtrUInt;
begin
  mText := 1;
  Check(NativeAbout(1, mText) = OK, 'version');
  Check(Pos(WideString('.'), TakeText) > 0, 'a version');
  Check(NativeAbout(2, mText) = OK, 'operations');
  Json := TakeText;
  Check(UpscopeParseJson(Json).Count >= 11, 'the operations');
  Check(NativeAbout(3, mText) <> OK, 'an unknown text');
  TakeText;
  mText := 1;
  mHandle := 1;
  Text := '{"apikey":"x"}';
  Check(NativeClientNew(StrPtr(Text), mHandle, mText) = 1, 'a misspelt key');
  Json := TakeText;
  Check((UpscopeParseJson(Json).Text('error.code') = 'invalid_argument') and (mHandle = 0), Json);
  Check((NativeTextLength(0) = 0) and (NativeTextCopy(0, 0, 5) = 0), 'no text');
  NativeTextFree(0);
  NativeClientFree(0);
  NativeSessionsFree(0);
  NativePendingCancel(0);
  NativePendingFree(0);

  Base := UpscopeText(GetEnvironmentVariable('UPSCOPE_SANDBOX_CONTROL'));
  Text := UpscopeObject.Add('api_key', UpscopeText('none')).Add('base_url', Base).ToJson;
  Client := 0;
  Check(NativeClientNew(StrPtr(Text), Client, mText) = OK, 'a client of the control interface');
  TakeText;
  Check(CallOperation(Client, 'request', UpscopeObject.Add('method', UpscopeText('POST')).Add('path', UpscopeText('/visitors'))
    .Add('body', UpscopeObject.Add('short_id', UpscopeText('U1')).Add('name', UpscopeText(Names))).ToJson, Text) = OK, Text);
  { The fourth call takes long. }
  Check(CallOperation(Client, 'request', '{"method":"POST","path":"/faults","body":[{},{},{},{"delay_ms":20000}]}', Text) = OK, Text);
  NativeClientFree(Client);

  { The configuration is in the environment. }
  Check(NativeClientNew(0, Client, mText) = OK, 'a client of the sandbox');
  TakeText;
  Frame := StackPointer;
  for I := 1 to 2 do
  begin
    Status := CallOperation(Client, 'get_visitor', '{"visitor_id":"U1"}', Text);
    Check((Status = OK) and (UpscopeParseJson(Text).Text('visitor.name') = Names), Text);
  end;
  Check(StackPointer = Frame, 'the stack is as it was');
  Text := '{"a":{"b":"x\u0041"}}';
  Short := '/a/b';
  Check(NativeJsonGet(StrPtr(Text), StrPtr(Short), mText) = OK, 'a value in JSON');
  Check(TakeText = 'xA', 'the value in JSON');
  Text := 'get_visitor';
  Short := 'visitor_id';
  Fields[0] := StrPtr(Short);
  Fields[1] := StrPtr(Text);
  Fields[2] := 0;
  Check(NativeJsonBuild(StrPtr(Text), LongPtr(@Fields[0]), mText) = OK, 'a request');
  Check(TakeText = '{"visitor_id":"get_visitor"}', 'the request');
  { NativeTextCopy does not write beyond a buffer that is shorter than the text. }
  Text := 'get_usage';
  Check(NativeCall(Client, StrPtr(Text), 0, mText) = OK, 'usage');
  Short := 'abcdef';
  Check((NativeTextCopy(mText, StrPtr(Short), 3) = 3) and (Copy(Short, 4, 3) = 'def') and (Short[1] = '{'), Short);
  Check(NativeTextCopy(mText, StrPtr(Short), -1) = 0, 'a negative length');
  TakeText;

  Text := 'get_usage';
  Call := 0;
  Check(NativeStart(Client, StrPtr(Text), 0, Call, mText) = OK, 'started');
  TakeText;
  mText := 1;
  Check((NativePendingWait(Call, 200, mText) = PENDING) and (mText = 0), 'not finished');
  StartTime := GetTickCount64;
  NativePendingCancel(Call);
  Status := NativePendingWait(Call, 10000, mText);
  Json := TakeText;
  Check((Status = 12) and (UpscopeParseJson(Json).Text('error.code') = 'cancelled'), Json);
  Check(GetTickCount64 - StartTime < 500, 'NativePendingCancel took long');
  NativePendingFree(Call);
  CheckOrder(Client);
  WriteUtf8Line(UpscopeText(Format('vb6 proof: %d checks, %d failed', [Checks, Failures])));
  if (Failures > 0) or (Checks < 15) then Halt(1);
end;

var
  Line: UpscopeText;
begin
  Started := ParamStr(1) = '--started';
  if ParamStr(1) = '--checks' then RunChecks
  else
    while ReadUtf8Line(Line) do Run(Line);
end.
