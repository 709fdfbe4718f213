;;; cpplsp.el --- Use cpplsp for C and C++ through eglot or lsp-mode  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "26.3"))
;; Keywords: c, languages, tools

;;; Commentary:

;; cpplsp is a language server for C and C++ projects that are too big for the machine they are edited on.
;;
;; (add-to-list 'load-path "/path/to/editors/emacs") and (require 'cpplsp) make it the server of eglot (in Emacs
;; since 29, in GNU ELPA before) and of lsp-mode, whichever you start: M-x eglot, or M-x lsp.

;;; Code:

(require 'url-parse)
(require 'url-util)

(defvar eglot-server-programs)
(declare-function eglot-current-server "eglot")
(declare-function jsonrpc-request "jsonrpc")
(declare-function lsp-activate-on "lsp-mode")
(declare-function lsp-register-client "lsp-mode")
(declare-function lsp-request "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function make-lsp-client "lsp-mode")

(defgroup cpplsp nil
  "Language server for very large C and C++ projects."
  :group 'tools)

(defcustom cpplsp-command '("cpplsp")
  "The command that starts the server, with its arguments."
  :type '(repeat string))

(defcustom cpplsp-settings nil
  "Settings for the server as a property list, like (:memoryBudget \"4G\" :jobs 8).
Their names are those that docs/configuration.md has for editors."
  :type 'plist)

(defun cpplsp--contact (&rest _)
  "How eglot reaches the server: command, arguments, settings."
  (append cpplsp-command (and cpplsp-settings (list :initializationOptions cpplsp-settings))))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons '(c++-mode c-mode c++-ts-mode c-ts-mode objc-mode) #'cpplsp--contact)))

(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection (lambda () cpplsp-command))
                    :activation-fn (lsp-activate-on "c" "cpp" "objective-c")
                    :initialization-options (lambda () cpplsp-settings)
                    :priority 1         ; clangd, which lsp-mode has by itself, has -1
                    :server-id 'cpplsp)))

(defun cpplsp-switch-source-header ()
  "Go from a source to its header and back."
  (interactive)
  (let* ((document (list :uri (concat "file://" (url-hexify-string (file-truename buffer-file-name)
                                                                  url-path-allowed-chars))))
         (uri (cond ((and (fboundp 'eglot-current-server) (eglot-current-server))
                     (jsonrpc-request (eglot-current-server) :textDocument/switchSourceHeader document))
                    ((bound-and-true-p lsp-mode)
                     (lsp-request "textDocument/switchSourceHeader" document))
                    (t (user-error "No language server is running for this buffer")))))
    (if uri
        (find-file (url-unhex-string (url-filename (url-generic-parse-url uri))))
      (message "No counterpart of this file is known"))))

(provide 'cpplsp)
;;; cpplsp.el ends here
