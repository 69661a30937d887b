{ Carries out the conformance vectors (tests/vectors/README.md): lines "operation TAB configuration TAB request" in,
  "status TAB text" out. By the typed methods wherever a request fits them. With --started: as started calls, asked as
  from a timer. }
program conformance_executor;

{$MODE DELPHI}

uses
{$IFDEF UNIX}
  cthreads,
{$ENDIF}
  SysUtils, upscope, upscopejson, lines, request_reader, typed_calls;

var
  Typed, Plain: Integer;
  Started: Boolean;

function ByTimer(Pending: TUpscopePending): UpscopeText;
var
  Answer: IUpscopeJson;
begin
  try
    while not Pending.Poll(Answer) do Sleep(1);
    Result := Answer.Document;
  finally
    Pending.Free;
  end;
end;

function Called(Client: TUpscopeClient; const Operation, Request: UpscopeText): UpscopeText;
var
  Reader: TRequestReader;
  Parsed, Answer: IUpscopeJson;
begin
  if Started then
  begin
    Result := ByTimer(Client.Start(Operation, Request));
    Exit;
  end;
  try
    Parsed := UpscopeParseJson(Request);
  except
    on EUpscopeJson do Parsed := UpscopeParseJson('null');
  end;
  Reader := TRequestReader.Create(Parsed);
  try
    Answer := CallTyped(Client, Operation, Reader);
  finally
    Reader.Free;
  end;
  if Answer <> nil then
  begin
    Inc(Typed);
    Result := Answer.Document;
  end
  else
  begin
    Inc(Plain);
    Result := Client.Call(Operation, Request);
  end;
end;

function Walked(Client: TUpscopeClient; const Request: UpscopeText): UpscopeText;
var
  Pages: TUpscopePages;
  Page: IUpscopeJson;
  Next: UpscopeText;
begin
  Result := '';
  Pages := Client.OpenSessions(Request);
  try
    while True do
    begin
      if Started then
      begin
        Next := ByTimer(Pages.StartNext);
        if Next = '' then Break;
      end
      else if Pages.Next(Page) then Next := Page.Document
      else Break;
      if Result <> '' then Result := Result + ',';
      Result := Result + Next;
    end;
  finally
    Pages.Free;
  end;
  Result := '[' + Result + ']';
end;

procedure CarryOut(Line: UpscopeText);
var
  Operation, Config, Text: UpscopeText;
  Client: TUpscopeClient;
  Status: Integer;
begin
  Operation := CutAtTab(Line);
  Config := CutAtTab(Line);
  Status := UPSCOPE_OK;
  try
    if Operation = '@parse_webhook' then Text := UpscopeParseWebhook(Line).Document
    else
    begin
      Client := TUpscopeClient.Create(Config);
      try
        if Operation = '@pages' then
        begin
          Text := Walked(Client, Line);
          Status := UPSCOPE_DONE;
        end
        { '' would be no request at all here, which is an empty object. }
        else if Line = '' then Text := Called(Client, Operation, ' ')
        else Text := Called(Client, Operation, Line);
      finally
        Client.Free;
      end;
    end;
  except
    on Error: EUpscopeError do
    begin
      Status := Error.Status;
      { By the properties that a program would read. }
      Text := UpscopeObject.Add('error', UpscopeObject.Add('code', Error.Code).Add('status', Error.Status)
        .Add('message', Error.Text)
        .AddJson('operation', Error.Json.Member('operation').ToJson)
        .AddJson('http_status', Error.Json.Member('http_status').ToJson)
        .AddJson('api_error', Error.Json.Member('api_error').ToJson)
        .AddJson('api_message', Error.Json.Member('api_message').ToJson)
        .AddJson('request_id', Error.Json.Member('request_id').ToJson)
        .Add('attempts', Error.Attempts).AddFlag('retryable', Error.Retryable)
        .AddJson('retry_after_ms', Error.Json.Member('retry_after_ms').ToJson)
        .AddFlag('may_have_applied', Error.MayHaveApplied)).ToJson;
    end;
  end;
  WriteUtf8Line(UpscopeText(IntToStr(Status)) + #9 + EscapedLine(Text));
end;

var
  Line: UpscopeText;
begin
  Started := ParamStr(1) = '--started';
  while ReadUtf8Line(Line) do CarryOut(Line);
  if not Started then WriteLn(StdErr, 'typed calls: ', Typed, ', calls with JSON text: ', Plain);
  { Were nothing typed, the vectors would not have tested what people use. }
  if not Started and (Typed <= Plain) then Halt(1);
end.
