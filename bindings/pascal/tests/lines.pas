{ Reads and writes lines of UTF-8, whatever the code page of the console. }
unit lines;

{$MODE DELPHI}

interface

uses
  SysUtils, upscopejson, upscope;

{ Reads the next line, without its line ending. False after the last line. }
function ReadUtf8Line(out Line: UpscopeText): Boolean;

procedure WriteUtf8Line(const Line: UpscopeText);

{ Escapes backslashes, tabs and line endings. }
function EscapedLine(const Text: UpscopeText): UpscopeText;

{ Removes the text before the next tab from the line, and returns it. }
function CutAtTab(var Line: UpscopeText): UpscopeText;

implementation

var
  Buffer: array[0..65535] of Byte;
  Filled, At: Integer;

function NextByte(out B: Byte): Boolean;
begin
  if At = Filled then
  begin
    Filled := FileRead(StdInputHandle, Buffer, SizeOf(Buffer));
    At := 0;
  end;
  Result := Filled > 0;
  if not Result then
  begin
    Filled := 0;
    Exit;
  end;
  B := Buffer[At];
  Inc(At);
end;

function ReadUtf8Line(out Line: UpscopeText): Boolean;
var
  Bytes: TBytesOfUpscope;
  Count: Integer;
  B: Byte;
begin
  Line := '';
  Bytes := nil;
  SetLength(Bytes, 4096);
  Count := 0;
  B := 0;
  while NextByte(B) and (B <> 10) do
  begin
    if Count + 2 > Length(Bytes) then SetLength(Bytes, 2 * Length(Bytes));
    Bytes[Count] := B;
    Inc(Count);
  end;
  Result := (B = 10) or (Count > 0);
  if (Count > 0) and (Bytes[Count - 1] = 13) then Dec(Count);
  Bytes[Count] := 0;
  Line := UpscopeFromUtf8(PAnsiChar(Bytes));
end;

procedure WriteUtf8Line(const Line: UpscopeText);
var
  Bytes: TBytesOfUpscope;
  Written, Now: Integer;
begin
  Bytes := UpscopeToUtf8(Line + #10, 'A line');
  Written := 0;
  while Written < Length(Bytes) - 1 do
  begin
    Now := FileWrite(StdOutputHandle, Bytes[Written], Length(Bytes) - 1 - Written);
    if Now <= 0 then raise Exception.Create('The output cannot be written.');
    Inc(Written, Now);
  end;
end;

function EscapedLine(const Text: UpscopeText): UpscopeText;
begin
  Result := UnicodeStringReplace(Text, '\', '\\', [rfReplaceAll]);
  Result := UnicodeStringReplace(Result, #10, '\n', [rfReplaceAll]);
  Result := UnicodeStringReplace(Result, #13, '\r', [rfReplaceAll]);
  Result := UnicodeStringReplace(Result, #9, '\t', [rfReplaceAll]);
end;

function CutAtTab(var Line: UpscopeText): UpscopeText;
var
  Tab: Integer;
begin
  Tab := Pos(UpscopeText(#9), Line);
  if Tab = 0 then raise Exception.Create('A line has three parts.');
  Result := Copy(Line, 1, Tab - 1);
  Delete(Line, 1, Tab);
end;

end.
