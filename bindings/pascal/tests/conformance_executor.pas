{ Runs the conformance vectors (tests/vectors/README.md): reads lines "operation TAB configuration TAB request" and writes
  lines "status TAB text". Calls the typed methods, unless a request does not fit them. With --started: as started calls
  that are polled. }
program conformance_executor;

{$MODE DELPHI}

uses
{$IFDEF UNIX}
  cthreads,
{$ENDIF}
  SysUtils, upscope, upscopejson, lines, request_reader, typed_calls;

var
  TypedCalls, TextCalls: Integer;
  Started: Boolean;

function PollUntilDone(Pending: TUpscopePending): UpscopeText;
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

function CallOperation(Client: TUpscopeClient; const Operation, Request: UpscopeText): UpscopeText;
var
  Reader: TRequestReader;
  Parsed, Answer: IUpscopeJson;
begin
  if Started then
  begin
    Result := PollUntilDone(Client.Start(Operation, Request));
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
    Inc(TypedCalls);
    Result := Answer.Document;
  end
  else
  begin
    Inc(TextCalls);
    Result := Client.Call(Operation, Request);
  end;
end;

function CallPages(Client: TUpscopeClient; const Request: UpscopeText): UpscopeText;
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
        Next := PollUntilDone(Pages.StartNext);
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

procedure Run(Line: UpscopeText);
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
          Text := CallPages(Client, Line);
          Status := UPSCOPE_DONE;
        end
        { '' would mean an empty object. }
        else if Line = '' then Text := CallOperation(Client, Operation, ' ')
        else Text := CallOperation(Client, Operation, Line);
      finally
        Client.Free;
      end;
    end;
  except
    on Error: EUpscopeError do
    begin
      Status := Error.Status;
      { With the properties that a program reads. }
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
  while ReadUtf8Line(Line) do Run(Line);
  if not Started then WriteLn(StdErr, 'typed calls: ', TypedCalls, ', calls with JSON text: ', TextCalls);
  { If most calls were not typed, the vectors would not test what programs use. }
  if not Started and (TypedCalls <= TextCalls) then Halt(1);
end.
