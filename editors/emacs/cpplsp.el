;;; cpplsp.el --- Use cpplsp for C and C++ through eglot  -*- lexical-binding: t; -*-

;; Emacs 29 comes with eglot; for older ones it is in GNU ELPA.
;; (add-to-list 'load-path "/path/to/editors/emacs"), (require 'cpplsp), then M-x eglot in a C or C++ buffer, or:
;; (add-hook 'c-mode-common-hook #'eglot-ensure)

;;; Code:

(require 'eglot)

(defgroup cpplsp nil
  "Language server for very large C and C++ projects."
  :group 'eglot)

(defcustom cpplsp-command '("cpplsp")
  "The command that starts the server, with its arguments."
  :type '(repeat string))

(add-to-list 'eglot-server-programs
             (cons '(c++-mode c-mode c++-ts-mode c-ts-mode objc-mode)
                   (lambda (&rest _) cpplsp-command)))

(provide 'cpplsp)
;;; cpplsp.el ends here
