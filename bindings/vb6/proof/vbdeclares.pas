{ The declarations in Upscope.bas, in Pascal. check_declares.py compares them with each other and with the DLL. Long and
  LongPtr are the types of Visual Basic. A String is a BSTR, like WideString on Windows. StrPtr returns the address of its
  first character. }
unit vbdeclares;

{$MODE DELPHI}

interface

type
  Long = Longint;
{$IFDEF CPU64}
  LongPtr = Int64;
{$ELSE}
  LongPtr = Longint;
{$ENDIF}

function NativeClientNew(Config: LongPtr; var Client: LongPtr; var ErrorText: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_client_new';
procedure NativeClientFree(Client: LongPtr);
  stdcall; external 'upscope.dll' name 'upscope_w_client_free';
procedure NativeClientClose(Client: LongPtr);
  stdcall; external 'upscope.dll' name 'upscope_w_client_close';
function NativeConnectionInfo(Client: LongPtr; var Text: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_connection_info';
function NativeCall(Client: LongPtr; Operation: LongPtr; Request: LongPtr; var Response: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_call';
function NativeJsonGet(Json: LongPtr; Pointer: LongPtr; var Text: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_json_get';
function NativeJsonBuild(Operation: LongPtr; Fields: LongPtr; var Text: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_json_build';
function NativeParseWebhook(Body: LongPtr; var Session: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_parse_webhook';
function NativeSessionsOpen(Client: LongPtr; Request: LongPtr; var Pages: LongPtr; var ErrorText: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_sessions_open';
function NativeSessionsNext(Pages: LongPtr; var Page: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_sessions_next';
function NativeSessionsStartNext(Pages: LongPtr; var Pending: LongPtr; var ErrorText: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_sessions_start_next';
procedure NativeSessionsFree(Pages: LongPtr);
  stdcall; external 'upscope.dll' name 'upscope_w_sessions_free';
function NativeStart(Client: LongPtr; Operation: LongPtr; Request: LongPtr; var Pending: LongPtr; var ErrorText: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_start';
function NativePendingWait(Pending: LongPtr; TimeoutMs: Long; var Response: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_pending_wait';
procedure NativePendingCancel(Pending: LongPtr);
  stdcall; external 'upscope.dll' name 'upscope_w_pending_cancel';
procedure NativePendingFree(Pending: LongPtr);
  stdcall; external 'upscope.dll' name 'upscope_w_pending_free';
function NativeTextLength(Text: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_text_length';
function NativeTextCopy(Text: LongPtr; Buffer: LongPtr; Units: Long): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_text_copy';
procedure NativeTextFree(Text: LongPtr);
  stdcall; external 'upscope.dll' name 'upscope_w_text_free';
function NativeAbout(What: Long; var Text: LongPtr): Long;
  stdcall; external 'upscope.dll' name 'upscope_w_about';
function NativeLoad(FileName: LongPtr): LongPtr;
  stdcall; external 'kernel32' name 'LoadLibraryW';

{ As in Visual Basic, 0 for vbNullString. In a WideString, this is the same as an empty text. }
function StrPtr(const Text: WideString): LongPtr;

implementation

function StrPtr(const Text: WideString): LongPtr;
begin
  Result := LongPtr(Pointer(Text));
end;

end.
