{ Stands in for a program in VB6 or VBA: calls upscope.dll by nothing but the declarations of Upscope.bas, and does with
  texts and handles what that module does. Carries out the conformance vectors (tests/vectors/README.md): lines
  "operation TAB configuration TAB request" in, "status TAB text" out. With --started: as started calls, asked as from a
  timer. With --checks: what the vectors do not reach, against a sandbox. }
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
  { As in the module: where the library puts a text and a handle. }
  mText, mMade: LongPtr;
  Started: Boolean;
  Checks, Failures: Integer;

{ Taken of Upscope.bas. }
function Taken: WideString;
var
  Units: Long;
begin
  Units := NativeTextLength(mText);
  Result := '';
  if Units > 0 then
  begin
    SetLength(Result, Units);
    if NativeTextCopy(mText, StrPtr(Result), Units) <> Units then raise Exception.Create('a text was not copied whole');
  end;
  NativeTextFree(mText);
  mText := 0;
end;

{ Given of Upscope.bas. }
function Given(const Text: WideString): LongPtr;
begin
  Result := 0;
  if Text <> '' then Result := StrPtr(Text);
end;

function Waited(Call: LongPtr; out Text: WideString): Long;
begin
  repeat
    mText := 1;
    Result := NativePendingWait(Call, 0, mText);
    Text := Taken;
    if Result = PENDING then Sleep(1);
  until Result <> PENDING;
  NativePendingFree(Call);
end;

function Called(Client: LongPtr; const Operation, Request: WideString; out Text: WideString): Long;
begin
  mText := 1;
  mMade := 1;
  if Started then
  begin
    Result := NativeStart(Client, StrPtr(Operation), Given(Request), mMade, mText);
    Text := Taken;
    if Result = OK then Result := Waited(mMade, Text);
  end
  else
  begin
    Result := NativeCall(Client, StrPtr(Operation), Given(Request), mText);
    Text := Taken;
  end;
end;

function Walked(Client: LongPtr; const Request: WideString; out Text: WideString): Long;
var
  Pages: LongPtr;
  Page: WideString;
begin
  mText := 1;
  Pages := 1;
  Result := NativeSessionsOpen(Client, Given(Request), Pages, mText);
  Text := Taken;
  if Result <> OK then Exit;
  repeat
    mText := 1;
    mMade := 1;
    if Started then
    begin
      Result := NativeSessionsStartNext(Pages, mMade, mText);
      Page := Taken;
      if Result = OK then Result := Waited(mMade, Page);
    end
    else
    begin
      Result := NativeSessionsNext(Pages, mText);
      Page := Taken;
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

procedure CarryOut(Line: UpscopeText);
var
  Operation, Config, Request, Text: WideString;
  Client: LongPtr;
  Status: Long;
begin
  Operation := CutAtTab(Line);
  Config := CutAtTab(Line);
  Request := Line;
  { No text at all would be no request, which is an empty object. }
  if Request = '' then Request := ' ';
  mText := 1;
  if Operation = '@parse_webhook' then
  begin
    Status := NativeParseWebhook(StrPtr(Request), mText);
    Text := Taken;
  end
  else
  begin
    Client := 1;
    Status := NativeClientNew(Given(Config), Client, mText);
    Text := Taken;
    if Status <> OK then raise Exception.Create('no client');
    if Operation = '@pages' then Status := Walked(Client, Request, Text)
    else Status := Called(Client, Operation, Request, Text);
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

{ The stack pointer: with a wrong calling convention it moves. }
function StackPointer: PtrUInt;
begin
  Result := PtrUInt(Get_Frame);
end;

procedure RunChecks;
const
  Names: WideString = 'Анна 王小明 🦊👩‍💻 "x"';
var
  Client, Call: LongPtr;
  Status, I: Long;
  Text, Short: WideString;
  Base, Json: UpscopeText;
  Began, Frame: PtrUInt;
begin
  mText := 1;
  Check(NativeAbout(1, mText) = OK, 'version');
  Check(Pos(WideString('.'), Taken) > 0, 'a version');
  Check(NativeAbout(2, mText) = OK, 'operations');
  Json := Taken;
  Check(UpscopeParseJson(Json).Count >= 11, 'the operations');
  Check(NativeAbout(3, mText) <> OK, 'about nothing');
  Taken;
  mText := 1;
  mMade := 1;
  Text := '{"apikey":"x"}';
  Check(NativeClientNew(StrPtr(Text), mMade, mText) = 1, 'a misspelt key');
  Json := Taken;
  Check((UpscopeParseJson(Json).Text('error.code') = 'invalid_argument') and (mMade = 0), Json);
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
  Taken;
  Check(Called(Client, 'request', UpscopeObject.Add('method', UpscopeText('POST')).Add('path', UpscopeText('/visitors'))
    .Add('body', UpscopeObject.Add('short_id', UpscopeText('U1')).Add('name', UpscopeText(Names))).ToJson, Text) = OK, Text);
  { Every third one takes long. }
  Check(Called(Client, 'request', '{"method":"POST","path":"/faults","body":[{},{},{},{"delay_ms":20000}]}', Text) = OK, Text);
  NativeClientFree(Client);

  { The settings come from the environment. }
  Check(NativeClientNew(0, Client, mText) = OK, 'a client of the sandbox');
  Taken;
  Frame := StackPointer;
  for I := 1 to 2 do
  begin
    Status := Called(Client, 'get_visitor', '{"visitor_id":"U1"}', Text);
    Check((Status = OK) and (UpscopeParseJson(Text).Text('visitor.name') = Names), Text);
  end;
  Check(StackPointer = Frame, 'the stack is as it was');
  { A buffer that is shorter than the text takes what it holds, and nothing behind it is touched. }
  Text := 'get_usage';
  Check(NativeCall(Client, StrPtr(Text), 0, mText) = OK, 'usage');
  Short := 'abcdef';
  Check((NativeTextCopy(mText, StrPtr(Short), 3) = 3) and (Copy(Short, 4, 3) = 'def') and (Short[1] = '{'), Short);
  Check(NativeTextCopy(mText, StrPtr(Short), -1) = 0, 'a length below 0');
  Taken;

  Text := 'get_usage';
  Call := 0;
  Check(NativeStart(Client, StrPtr(Text), 0, Call, mText) = OK, 'started');
  Taken;
  mText := 1;
  Check((NativePendingWait(Call, 200, mText) = PENDING) and (mText = 0), 'not finished');
  Began := GetTickCount64;
  NativePendingCancel(Call);
  Status := NativePendingWait(Call, 10000, mText);
  Json := Taken;
  Check((Status = 12) and (UpscopeParseJson(Json).Text('error.code') = 'cancelled'), Json);
  Check(GetTickCount64 - Began < 500, 'cancelling took long');
  NativePendingFree(Call);
  NativeClientFree(Client);
  WriteUtf8Line(UpscopeText(Format('vb6 proof: %d checks, %d failed', [Checks, Failures])));
  if (Failures > 0) or (Checks < 15) then Halt(1);
end;

var
  Line: UpscopeText;
begin
  Started := ParamStr(1) = '--started';
  if ParamStr(1) = '--checks' then RunChecks
  else
    while ReadUtf8Line(Line) do CarryOut(Line);
end.
