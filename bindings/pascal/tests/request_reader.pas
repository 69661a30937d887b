{ Reads the requests of the conformance vectors for the typed methods of upscope.pas. }
unit request_reader;

{$MODE DELPHI}

interface

uses
  upscope, upscopejson;

type
  { Reads the keys of a request one by one. The request fits a method if every key was read, and every value can be said
    with the types of Pascal, where '', 0, False and nil stand for a key that is left out. }
  TRequestReader = class
  private
    FRequest: IUpscopeJson;
    FFits: Boolean;
    FRead, FNotNull: Integer;
    function Find(const Name: UpscopeText; Kind: TUpscopeJsonKind; out Value: IUpscopeJson): Boolean;
  public
    constructor Create(const Request: IUpscopeJson);
    function Text(const Name: UpscopeText): UpscopeText;
    function RequiredText(const Name: UpscopeText): UpscopeText;
    function Number(const Name: UpscopeText): Int64;
    { Whether the key has a boolean, and which. }
    function Flag(const Name: UpscopeText; out Value: Boolean): Boolean;
    function RequiredFlag(const Name: UpscopeText): Boolean;
    { A boolean for which False means left out. }
    function PlainFlag(const Name: UpscopeText): Boolean;
    { Whether the key has this text. If not, the key can be read in another way. }
    function IsWord(const Name, Word: UpscopeText): Boolean;
    function Fields(const Name: UpscopeText): IUpscopeObject;
    function Json(const Name: UpscopeText): UpscopeText;
    { A reader for an object within the request. Pass it to EndObject. }
    function BeginObject(const Name: UpscopeText): TRequestReader;
    procedure EndObject(Reader: TRequestReader);
    function Fits: Boolean;
  end;

implementation

constructor TRequestReader.Create(const Request: IUpscopeJson);
begin
  inherited Create;
  FRequest := Request;
  FFits := Request.Kind = jkObject;
end;

{ Kind jkNothing stands for any kind. }
function TRequestReader.Find(const Name: UpscopeText; Kind: TUpscopeJsonKind; out Value: IUpscopeJson): Boolean;
begin
  Value := FRequest.Member(Name);
  if Value.Kind <> jkNothing then Inc(FRead);
  if not (Value.Kind in [jkNothing, jkNull]) then Inc(FNotNull);
  Result := (Value.Kind = Kind) or (Kind = jkNothing) and (Value.Kind <> jkNothing);
  if not Result and not (Value.Kind in [jkNothing, jkNull]) then FFits := False;
end;

function TRequestReader.Text(const Name: UpscopeText): UpscopeText;
var
  Value: IUpscopeJson;
begin
  Result := '';
  if not Find(Name, jkString, Value) then Exit;
  Result := Value.Text;
  if Result = '' then FFits := False;
end;

function TRequestReader.RequiredText(const Name: UpscopeText): UpscopeText;
var
  Value: IUpscopeJson;
begin
  Result := '';
  if Find(Name, jkString, Value) then Result := Value.Text
  else FFits := False;
end;

function TRequestReader.Number(const Name: UpscopeText): Int64;
var
  Value: IUpscopeJson;
begin
  Result := 0;
  if not Find(Name, jkNumber, Value) then Exit;
  { 0 also for a number that is not an integer. }
  Result := Value.Int;
  if Result = 0 then FFits := False;
end;

function TRequestReader.Flag(const Name: UpscopeText; out Value: Boolean): Boolean;
var
  Found: IUpscopeJson;
begin
  Result := Find(Name, jkBoolean, Found);
  Value := Found.Flag;
end;

function TRequestReader.RequiredFlag(const Name: UpscopeText): Boolean;
begin
  if not Flag(Name, Result) then FFits := False;
end;

function TRequestReader.PlainFlag(const Name: UpscopeText): Boolean;
begin
  if Flag(Name, Result) and not Result then FFits := False;
end;

function TRequestReader.IsWord(const Name, Word: UpscopeText): Boolean;
var
  Value: IUpscopeJson;
begin
  Value := FRequest.Member(Name);
  Result := (Value.Kind = jkString) and (Value.Text = Word);
  if Result then Text(Name);
end;

function TRequestReader.Fields(const Name: UpscopeText): IUpscopeObject;
var
  Value: IUpscopeJson;
  I: Integer;
begin
  Result := nil;
  if not Find(Name, jkObject, Value) then Exit;
  Result := UpscopeObject;
  for I := 0 to Value.Count - 1 do Result.AddJson(Value.Name(I), Value.Item(I).ToJson);
end;

function TRequestReader.Json(const Name: UpscopeText): UpscopeText;
var
  Value: IUpscopeJson;
begin
  Result := '';
  if Find(Name, jkNothing, Value) then Result := Value.ToJson;
end;

function TRequestReader.BeginObject(const Name: UpscopeText): TRequestReader;
var
  Value: IUpscopeJson;
begin
  if Find(Name, jkObject, Value) then Result := TRequestReader.Create(Value)
  else Result := TRequestReader.Create(UpscopeParseJson('{}'));
  { Pascal leaves out an object without values. }
  if (Value.Kind = jkObject) and (Value.Count = 0) then FFits := False;
end;

procedure TRequestReader.EndObject(Reader: TRequestReader);
begin
  if not Reader.Fits then FFits := False;
  if (Reader.FRead > 0) and (Reader.FNotNull = 0) then FFits := False;
  Reader.Free;
end;

function TRequestReader.Fits: Boolean;
begin
  Result := FFits and (FRead = FRequest.Count);
end;

end.
