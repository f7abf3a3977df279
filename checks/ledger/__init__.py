"""The ledger: implementations that share a name and take different steps, each pair measured along one path."""
