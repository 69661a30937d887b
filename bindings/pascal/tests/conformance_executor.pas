{ Carries out the conformance vectors (tests/vectors/README.md): lines "operation TAB configuration TAB request" in,
  "status TAB text" out. By the typed methods wherever a request fits them. With --started: as started calls, asked as
  from a timer. }
program conformance_executor;

{$MODE DELPHI}

uses
{$IFDEF UNIX}
  cthreads,
{$ENDIF}
  SysUtils, upscope, upscopejson, lines;

var
  Typed, Plain: Integer;
  Started: Boolean;

type
  { A request whose members are taken one by one, and whether all were of the kind that was asked for. }
  TFitting = class
  private
    FGiven: IUpscopeJson;
    FFits: Boolean;
    FTaken: Integer;
    function Take(const Name: UpscopeText; Kind: TUpscopeJsonKind; out Value: IUpscopeJson): Boolean;
  public
    constructor Create(const Given: IUpscopeJson);
    function Text(const Name: UpscopeText): UpscopeText;
    function Need(const Name: UpscopeText): UpscopeText;
    function Int(const Name: UpscopeText): Int64;
    function Flag(const Name: UpscopeText; out Value: Boolean): Boolean;
    { Any object, member by member. }
    function Members(const Name: UpscopeText): IUpscopeObject;
    function Json(const Name: UpscopeText): UpscopeText;
    { The members of an object, to be taken in their turn. }
    function Part(const Name: UpscopeText): TFitting;
    procedure Ended(Part: TFitting);
    { Whether everything was taken, and fitted. }
    function Fits: Boolean;
  end;

constructor TFitting.Create(const Given: IUpscopeJson);
begin
  FGiven := Given;
  FFits := Given.Kind = jkObject;
end;

function TFitting.Take(const Name: UpscopeText; Kind: TUpscopeJsonKind; out Value: IUpscopeJson): Boolean;
begin
  Value := FGiven.Member(Name);
  if Value.Kind <> jkNothing then Inc(FTaken);
  Result := (Value.Kind = Kind) or (Kind = jkNothing) and (Value.Kind <> jkNothing);
  if not Result and not (Value.Kind in [jkNothing, jkNull]) then FFits := False;
end;

function TFitting.Text(const Name: UpscopeText): UpscopeText;
var
  Value: IUpscopeJson;
begin
  Result := '';
  if Take(Name, jkString, Value) then Result := Value.Text;
  { An empty text counts as left out in this language. }
  if (Value.Kind = jkString) and (Result = '') then FFits := False;
end;

function TFitting.Need(const Name: UpscopeText): UpscopeText;
var
  Value: IUpscopeJson;
begin
  Result := '';
  if Take(Name, jkString, Value) then Result := Value.Text
  else FFits := False;
end;

function TFitting.Int(const Name: UpscopeText): Int64;
var
  Value: IUpscopeJson;
begin
  Result := 0;
  if Take(Name, jkNumber, Value) then Result := Value.Int;
  { So do zero, and what is no whole number. }
  if (Value.Kind = jkNumber) and (Result = 0) then FFits := False;
end;

function TFitting.Flag(const Name: UpscopeText; out Value: Boolean): Boolean;
var
  Found: IUpscopeJson;
begin
  Result := Take(Name, jkBoolean, Found);
  Value := Found.Flag;
end;

function TFitting.Members(const Name: UpscopeText): IUpscopeObject;
var
  Value: IUpscopeJson;
  I: Integer;
begin
  Result := nil;
  if not Take(Name, jkObject, Value) then Exit;
  Result := UpscopeObject;
  for I := 0 to Value.Count - 1 do Result.AddJson(Value.Name(I), Value.Item(I).ToJson);
end;

function TFitting.Json(const Name: UpscopeText): UpscopeText;
var
  Value: IUpscopeJson;
begin
  Result := '';
  if Take(Name, jkNothing, Value) then Result := Value.ToJson;
end;

function TFitting.Part(const Name: UpscopeText): TFitting;
var
  Value: IUpscopeJson;
begin
  if Take(Name, jkObject, Value) then Result := TFitting.Create(Value)
  else Result := TFitting.Create(UpscopeParseJson('{}'));
  { An empty object is left out by this language, and sent by others. }
  if (Value.Kind = jkObject) and (Value.Count = 0) then FFits := False;
end;

procedure TFitting.Ended(Part: TFitting);
begin
  if not Part.Fits then FFits := False;
  Part.Free;
end;

function TFitting.Fits: Boolean;
begin
  Result := FFits and (FTaken = FGiven.Count);
end;

function WatchOf(Request: TFitting): TUpscopeWatch;
const
  Names: array[TUpscopePermission] of UpscopeText = ('allow_agent_redirect', 'allow_audio', 'allow_click',
    'allow_confetti', 'allow_console', 'allow_draw', 'allow_notes', 'allow_request_visitor_screen', 'allow_scroll',
    'allow_show_agent_screen', 'allow_type', 'hide_private_details');
var
  Part: TFitting;
  One: TUpscopePermission;
  Value: Boolean;
begin
  Result := UpscopeWatch(Request.Need('visitor_id'), '');
  Part := Request.Part('agent');
  Result.AgentId := Part.Need('id');
  Result.AgentName := Part.Text('name');
  Request.Ended(Part);
  Part := Request.Part('branding');
  if Part.FGiven.Text('naked') = 'page_only' then
  begin
    Result.Naked := unPageOnly;
    Part.Text('naked');
  end
  else if Part.Flag('naked', Value) then
    if Value then Result.Naked := unYes
    else Result.Naked := unNo;
  Result.OnEndUrl := Part.Text('on_end_url');
  Result.RetryUrl := Part.Text('retry_url');
  { An object of nothing but nulls is sent as an empty one. }
  if (Part.FGiven.Count > 0) and (Result.Naked = unDefault) and (Result.OnEndUrl + Result.RetryUrl = '') then
    Request.FFits := False;
  Request.Ended(Part);
  Result.InitialNotes := Request.Text('initial_notes');
  Result.Metadata := Request.Members('metadata');
  Part := Request.Part('permissions');
  for One := Low(One) to High(One) do
    if Part.Flag(Names[One], Value) then
      if Value then Include(Result.Allow, One)
      else Include(Result.Forbid, One);
  Request.Ended(Part);
  Result.Language := Request.Text('language');
  Part := Request.Part('viewer');
  Result.ViewerId := Part.Text('id');
  Result.ViewerName := Part.Text('name');
  Request.Ended(Part);
  Result.WebhookUrl := Request.Text('webhook_url');
end;

function FilterOf(Request: TFitting): TUpscopeFilter;
begin
  Result := UpscopeAllSessions;
  Result.BeforeId := Request.Text('before_id');
  Result.AfterId := Request.Text('after_id');
  { False is not asked for in this language. }
  if Request.Flag('ongoing_only', Result.OngoingOnly) and not Result.OngoingOnly then Request.FFits := False;
  Result.UpdatedAfter := Request.Text('updated_after');
end;

{ The answer by the typed method; nil when the request does not fit it. }
function ByMethod(Client: TUpscopeClient; const Operation: UpscopeText; Request: TFitting): IUpscopeJson;
var
  Options: IUpscopeObject;
  A, B: UpscopeText;
  Part: TFitting;
  Watch: TUpscopeWatch;
  Filter: TUpscopeFilter;
  Query: IUpscopeObject;
  Number: Integer;
  All: Boolean;
begin
  Result := nil;
  Options := Request.Members('options');
  if Operation = 'get_usage' then
  begin
    if Request.Fits then Result := Client.GetUsage(Options);
  end
  else if Operation = 'list_visitors' then
  begin
    A := Request.Text('search');
    Number := Request.Int('max_results');
    if Request.Fits then Result := Client.ListVisitors(A, Number, Options);
  end
  else if Operation = 'create_watch_url' then
  begin
    Watch := WatchOf(Request);
    if Request.Fits then Result := Client.CreateWatchUrl(Watch, Options);
  end
  else if Operation = 'delete_all_visitors' then
  begin
    if Request.Flag('all', All) and Request.Fits then Result := Client.DeleteAllVisitors(All, Options);
  end
  else if Operation = 'lookup_agent' then
  begin
    A := Request.Text('email');
    B := Request.Text('external_id');
    if Request.Fits then Result := Client.LookupAgent(A, B, Options);
  end
  else if Operation = 'list_sessions' then
  begin
    Filter := FilterOf(Request);
    if Request.Fits then Result := Client.ListSessions(Filter, Options);
  end
  else if Operation = 'authorize_onpremise_session' then
  begin
    A := Request.Need('visitor_id');
    Part := Request.Part('agent');
    Watch := UpscopeWatch(A, Part.Need('id'), Part.Need('name'));
    Request.Ended(Part);
    if Request.Fits then
      Result := Client.AuthorizeOnpremiseSession(A, Watch.AgentId, Watch.AgentName, Options);
  end
  else if Operation = 'request' then
  begin
    A := Request.Need('method');
    B := Request.Need('path');
    Query := Request.Members('query');
    Watch.Language := Request.Json('body');
    if Request.Fits then Result := Client.Request(A, B, Query, Watch.Language, Options);
  end
  else
  begin
    A := Request.Need('visitor_id');
    if not Request.Fits then Exit;
    if Operation = 'get_visitor' then Result := Client.GetVisitor(A, Options)
    else if Operation = 'stop_session' then Result := Client.StopSession(A, Options)
    { A later operation: its request goes as text. }
    else if Operation = 'delete_visitor' then Result := Client.DeleteVisitor(A, Options);
  end;
end;

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
  Fitting: TFitting;
  Answer: IUpscopeJson;
  Given: IUpscopeJson;
begin
  if Started then
  begin
    Result := ByTimer(Client.Start(Operation, Request));
    Exit;
  end;
  try
    Given := UpscopeParseJson(Request);
  except
    on EUpscopeJson do Given := UpscopeParseJson('null');
  end;
  Fitting := TFitting.Create(Given);
  try
    Answer := ByMethod(Client, Operation, Fitting);
  finally
    Fitting.Free;
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
